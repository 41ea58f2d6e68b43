#include "conformance/commands/reference.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/program/gate.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/run/run.h"
#include "fixtures/http/executor.h"

namespace grantspec {
namespace {

constexpr std::size_t kIndent = 13;

// A waived failure is compared by its responses alone.
bool IsSame(const RecordedCase& here, const RecordedCase& there) {
  return here.responses == there.responses && (here.verdict.outcome == there.verdict.outcome ||
                                               here.verdict.outcome == Outcome::kWaived);
}

void PrintSide(std::ostream& out, const char* side, const RecordedCase& one,
               const ConsoleStyle& style) {
  std::string text(ToString(one.verdict.outcome));
  if (!one.responses.empty()) text += " (" + Printable(one.responses) + ")";
  out << "      " << side << Wrapped(text, style.width - kIndent, std::string(kIndent, ' '))
      << '\n';
}

// Causes of the two runs by their ids, as --compare has them.
void PrintCausesOfBoth(std::ostream& out, const RunRecord& here, const RunRecord& there,
                       const ConsoleStyle& style) {
  const auto has = [](const RunRecord& record, const Cause& cause) {
    return std::any_of(record.causes.begin(), record.causes.end(),
                       [&cause](const Cause& one) { return one.id == cause.id; });
  };
  const auto print = [&](const char* title, const RunRecord& of, const RunRecord& other,
                         bool in_both) {
    std::vector<std::string> lines;
    for (const Cause& one : of.causes) {
      if (has(other, one) == in_both) {
        lines.push_back(one.id + " " + std::string(ToString(one.severity)) + ": " +
                        Printable(one.title) + " (" + Counted(one.cases.size(), "case") + ")");
      }
    }
    if (lines.empty()) return;
    out << title << " (" << lines.size() << ")\n";
    for (const std::string& line : lines) {
      out << "  " << Wrapped(line, style.width - 2, std::string(4, ' ')) << '\n';
    }
  };
  print("causes here alone", here, there, false);
  print("causes at the reference alone", there, here, false);
  print("causes at both", here, there, true);
}

}  // namespace

void CheckReferenceIsThere(const Options& options) {
  if (options.reference.empty()) return;
  NetworkOptions network = options.network;
  const TargetPlace place = *PlaceOf(options.reference);
  network.origin = place.origin;
  network.headers.clear();  // they may contain credentials
  Executor executor(network, {});
  Request request;
  request.method = "GET";
  request.target = place.target;
  request.fields.Set("Accept", "application/json");
  Outgoing outgoing;
  outgoing.message = std::move(request);
  const Exchange exchange = executor.Ask(std::move(outgoing));
  if (exchange.response() != nullptr) return;
  const std::string why = exchange.failure ? exchange.failure->detail : "";
  throw UsageError("--reference " + options.reference + ": no HTTP response" +
                   (why.empty() ? "" : ": " + why));
}

bool PrintDifferences(std::ostream& out, const std::vector<Case>& cases, Options options,
                      const RunRecord& record, const ConsoleStyle& style) {
  options.url = options.reference;
  RunRecord other;
  other.clauses = record.clauses;
  other.case_set = record.case_set;
  const TargetPlace place = PlaceTarget(options, other);
  Executor executor(options.network, options.load);
  SuiteRun run(options.profile, place, executor, other, options.seed);
  run.set_rules(RulesOf(options, other.embedded));
  run.set_keep_going([] { return !WasInterrupted(); });
  out << "\ncompared with " << Printable(options.reference) << '\n';
  if (const auto why = run.Preflight(options.profile)) {
    out << "  nothing could be compared: " << Printable(*why) << '\n';
    return false;
  }
  std::map<const Case*, const RecordedCase*> here;
  for (const RecordedCase& one : record.cases) here[one.spec] = &one;
  std::vector<const Case*> selected;
  for (const Case& one : cases) {
    if (here.contains(&one)) selected.push_back(&one);
  }
  run.Ask(selected, {});
  std::size_t same = 0, differ = 0;
  for (const Case* one : selected) {
    const RecordedCase* there = run.RecordOf(*one);
    if (there == nullptr) continue;
    if (IsSame(*here[one], *there)) {
      ++same;
      continue;
    }
    ++differ;
    out << "  " << one->Name() << '\n';
    PrintSide(out, "here   ", *here[one], style);
    PrintSide(out, "there  ", *there, style);
  }
  out << Counted(differ, "case") << (differ == 1 ? " differs, " : " differ, ") << same
      << (same == 1 ? " does not\n" : " do not\n");
  if (run.stopped().empty() && !WasInterrupted()) {
    AttributeCauses(other);
    PrintCausesOfBoth(out, record, other, style);
  } else {
    out << "the causes were not compared: the run at the reference ended early\n";
  }
  return same + differ > 0;
}

}  // namespace grantspec
