#include <array>
#include <cstdio>
#include <map>

#include "conformance/engine/record/text.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/report/report.h"

namespace grantspec {
namespace {

std::string SecondsText(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

std::string Attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + XmlText(value) + "\"";
}

bool IsSkipped(Outcome outcome) {
  return outcome == Outcome::kNotApplicable || outcome == Outcome::kInconclusive ||
         outcome == Outcome::kWaived;
}

std::string BodyOf(const RecordedCase& one) {
  std::string text = "expected: " + one.verdict.expected + "\n  actual: " + one.verdict.actual;
  if (!one.verdict.why.empty()) text += "\n     why: " + one.verdict.why;
  if (!one.cause.empty()) text += "\n   cause: " + one.cause;
  for (const Clause* clause : one.spec->clauses) text += "\n  clause: " + clause->id;
  for (const RecordedExchange& exchange : one.exchanges) {
    text += "\n\n" + WithoutCarriageReturns(exchange.request.substr(0, 4096)) + "\n\n";
    if (!exchange.has_response) {
      text += exchange.transport;
      continue;
    }
    text += exchange.status_line + "\n";
    for (const auto& [name, value] : exchange.fields) text += name + ": " + value + "\n";
    text += "\n" + exchange.content.substr(0, 4096);
  }
  return text + "\n\nreproduce: " + one.reproduce;
}

std::string VerdictAnd(const RecordedCase& one, const std::string& text) {
  return XmlText(std::string(ToString(one.verdict.outcome)) + ": " + text);
}

// What stands inside <testcase> for a verdict other than pass.
std::string ResultOf(const RecordedCase& one) {
  if (one.verdict.outcome == Outcome::kFail) {
    return "      <failure" +
           Attribute("message",
                     "expected " + one.verdict.expected + ", got " + one.verdict.actual) +
           Attribute("type", one.spec->clauses.front()->id) + ">" + XmlText(BodyOf(one)) +
           "</failure>\n";
  }
  if (IsSkipped(one.verdict.outcome)) {
    // Text, not an attribute: of the published schemas the older ones allow text only.
    const std::string reason = one.waiver.empty() ? one.verdict.why : one.waiver;
    return "      <skipped>" + VerdictAnd(one, reason) + "</skipped>\n";
  }
  return "      <system-out>" + VerdictAnd(one, BodyOf(one)) + "</system-out>\n";
}

std::string TestCase(const RecordedCase& one) {
  const std::string start = "    <testcase" + Attribute("name", one.spec->id) +
                            Attribute("classname", one.spec->category) +
                            Attribute("time", SecondsText(one.seconds));
  if (one.verdict.outcome == Outcome::kPass) return start + "/>\n";
  return start + ">\n" + ResultOf(one) + "    </testcase>\n";
}

// What the user must know of the run, such as -k: in each suite, because readers show suites alone.
// Also which cause explains which case: the published schemas have no properties of test cases.
std::string Properties(const std::vector<std::string>& notes,
                       const std::vector<const RecordedCase*>& cases) {
  std::string out;
  const auto add = [&out](const std::string& name, const std::string& value) {
    out += "      <property" + Attribute("name", name) + Attribute("value", value) + "/>\n";
  };
  for (const std::string& note : notes) add("note", note);
  for (const RecordedCase* one : cases) {
    if (!one->cause.empty()) add("cause." + one->spec->id, one->cause);
  }
  return out.empty() ? "" : "    <properties>\n" + out + "    </properties>\n";
}

std::string TestSuite(const std::string& name, const std::vector<const RecordedCase*>& cases,
                      const RunRecord& record) {
  std::size_t failures = 0, skipped = 0;
  double seconds = 0;
  for (const RecordedCase* one : cases) {
    failures += one->verdict.outcome == Outcome::kFail ? 1 : 0;
    skipped += IsSkipped(one->verdict.outcome) ? 1 : 0;
    seconds += one->seconds;
  }
  std::string out =
      "  <testsuite" + Attribute("name", name) + Attribute("tests", std::to_string(cases.size())) +
      Attribute("failures", std::to_string(failures)) + " errors=\"0\"" +
      Attribute("skipped", std::to_string(skipped)) +
      Attribute("timestamp", record.started.substr(0, 19)) +
      Attribute("time", SecondsText(seconds)) + ">\n" + Properties(record.notes, cases);
  for (const RecordedCase* one : cases) out += TestCase(*one);
  return out + "  </testsuite>\n";
}

// A suite with one error: why not everything was judged.
std::string PreflightSuite(const RunRecord& record) {
  // Where cases were judged, the error is about the run, not about its first request.
  const bool judged = !record.cases.empty();
  return "  <testsuite name=\"" + std::string(judged ? "run" : "preflight") +
         "\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\"" +
         Attribute("timestamp", record.started.substr(0, 19)) + " time=\"0\">\n" +
         Properties(record.notes, {}) + "    <testcase" +
         Attribute("name", judged ? "complete" : "control") +
         Attribute("classname", judged ? "run" : "preflight") + " time=\"0\">\n      <error" +
         Attribute("message", record.message) + "/>\n    </testcase>\n  </testsuite>\n";
}

}  // namespace

std::string JunitReport(const RunRecord& record) {
  std::map<std::string, std::vector<const RecordedCase*>> suites;
  for (const RecordedCase& one : record.cases) suites[one.spec->category].push_back(&one);
  const std::size_t errors = record.message.empty() ? 0 : 1;
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"grantspec\"";
  out += Attribute("tests", std::to_string(record.cases.size() + errors)) +
         Attribute("failures", std::to_string(CountOf(record.Count(), Outcome::kFail))) +
         Attribute("errors", std::to_string(errors)) +
         Attribute("time", SecondsText(record.seconds)) + ">\n";
  if (errors > 0) out += PreflightSuite(record);
  for (const auto& [name, cases] : suites) out += TestSuite(name, cases, record);
  return out + "</testsuites>\n";
}

}  // namespace grantspec
