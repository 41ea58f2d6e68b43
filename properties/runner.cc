#include "properties/runner.h"

#include <algorithm>

#include "conformance/engine/case/need.h"
#include "conformance/engine/record/text.h"
#include "properties/quiet.h"

namespace grantspec {
namespace {

constexpr int kShrinksMax = 400;  // examples tried to make one smaller

// The path from the root of the sources.
SourceLine PlaceOfLaw(std::string_view file, int line) {
  const std::size_t root = file.rfind("properties/");
  return {std::string(file.substr(root == std::string_view::npos ? 0 : root)), line};
}

}  // namespace

LawRunner::LawRunner(const World& world, Examiner& examiner, Presenter& presenter,
                     RunRecord& record, unsigned long seed, std::string command, std::string prefix)
    : world_(world),
      examiner_(examiner),
      presenter_(presenter),
      record_(record),
      seed_(seed),
      command_(std::move(command)),
      prefix_(std::move(prefix)) {}

// The same examples for a law whatever other laws run: FNV-1a of its name, and the seed.
std::uint64_t LawRunner::SeedFor(std::string_view id) const {
  std::uint64_t hash = 0xcbf29ce484222325U ^ seed_;
  for (char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

Case LawRunner::Complete(Case example, std::string_view category, std::string_view id,
                         std::string_view title, Level level,
                         const std::vector<std::string_view>& clauses) const {
  example.category = prefix_ + std::string(category);
  example.id = std::string(id);
  example.title = std::string(title);
  example.level = level;
  for (std::string_view id : clauses) {
    example.clauses.push_back(&ClauseNamed(*record_.clauses, id));
  }
  return example;
}

void LawRunner::RecordPlain(Case spec, Verdict verdict) {
  kept_.push_back(std::make_shared<const Case>(std::move(spec)));
  RecordedCase recorded;
  recorded.spec = kept_.back().get();
  recorded.level = recorded.spec->level;
  recorded.verdict = std::move(verdict);
  if (recorded.verdict.outcome == Outcome::kFail) {
    recorded.observed = "broken";
    recorded.reproduce =
        command_ + " --seed " + std::to_string(seed_) + " --gtest_filter=" + recorded.spec->Name();
    failed_.push_back(kept_.back());
  }
  record_.cases.push_back(std::move(recorded));
}

void LawRunner::RecordTrial(const Trial& trial, const std::string& category,
                            const std::string& id) {
  // A copy of the case, since its name may be another one now; the trial keeps its own.
  Case named = *trial.spec;
  named.category = category;
  named.id = id;
  kept_.push_back(trial.spec);
  kept_.push_back(std::make_shared<const Case>(std::move(named)));
  for (const Exchange& exchange : trial.sent.exchanges) presenter_.LearnTokens(exchange);
  RecordedCase recorded = presenter_.Record(*trial.spec, trial.sent, trial.verdict);
  recorded.spec = kept_.back().get();
  // Generated findings have names of their own; what is run again is the law that found them.
  const std::string law = law_.empty() ? recorded.spec->Name() : law_;
  const std::string again =
      command_ + flags_ + " --seed " + std::to_string(seed_) + " --gtest_filter=" + law;
  // The request alone is sent again by curl, the whole search by this program.
  if (recorded.reproduce.empty() ||
      recorded.reproduce.find("--gtest_filter") != std::string::npos) {
    recorded.reproduce = again;
  } else if (recorded.verdict.outcome == Outcome::kFail) {
    recorded.verdict.why += (recorded.verdict.why.empty() ? "again: " : "; again: ") + again;
  }
  if (recorded.verdict.outcome == Outcome::kFail) failed_.push_back(kept_.back());
  record_.cases.push_back(std::move(recorded));
}

// What trying examples of one law has shown so far.
struct LawRunner::LawSearch {
  std::optional<Trial> failed;   // the last, which is the smallest
  std::optional<Trial> warned;   // the first
  std::optional<Trial> unclear;  // the last that could not be judged
  int tried = 0, passed = 0, shrinks = 0;
  bool gave_up = false;
  std::string error;  // of RapidCheck
};

// A law as a case without steps: the name, title and place of all its examples.
Case LawRunner::BlankOf(const Law& law) const {
  Case blank = Complete({}, law.category, law.id, law.title, law.level, law.clauses);
  blank.where = PlaceOfLaw(law.file, law.line);
  for (std::string_view need : law.needs) blank.needs.push_back(NeedNamed(need));
  return blank;
}

Trial LawRunner::Try(Case example) {
  Trial trial = examiner_.Try(std::move(example));
  for (const Exchange& exchange : trial.sent.exchanges) presenter_.LearnTokens(exchange);
  return trial;
}

// True where the example does not break the law. Throws RapidCheck's discard where it says nothing.
bool LawRunner::Holds(const Case& blank, Case example, LawSearch& search) {
  example.category = blank.category;
  example.id = blank.id;
  example.title = blank.title;
  example.level = blank.level;
  example.clauses.insert(example.clauses.end(), blank.clauses.begin(), blank.clauses.end());
  example.where = blank.where;
  example.needs = blank.needs;
  if (const auto why = examiner_.binder().WhyNot(example)) {
    if (!search.failed) {
      search.unclear = Trial{nullptr, {}, {Outcome::kNotApplicable, "", "", *why, 0}};
    }
    RC_DISCARD(*why);
  }
  Trial trial = Try(std::move(example));
  ++search.tried;
  switch (trial.verdict.outcome) {
    case Outcome::kFail:
      search.failed = std::move(trial);
      return false;
    case Outcome::kInconclusive:
    case Outcome::kNotApplicable:
      if (!search.failed) search.unclear = std::move(trial);
      RC_DISCARD(search.unclear ? search.unclear->verdict.why : "");
    case Outcome::kWarn:
    case Outcome::kInfo:
      if (!search.warned) search.warned = std::move(trial);
      return true;
    default:
      ++search.passed;
      return true;
  }
}

void LawRunner::TryDrawn(const Law& law, const Case& blank, int examples, LawSearch& search) {
  const auto result = CheckQuietly(
      [&] {
        if (search.failed && (examiner_.killer() || ++search.shrinks > kShrinksMax)) return;
        if (!Holds(blank, law.draw(world_), search)) RC_FAIL("broken");
      },
      SeedFor(law.id), examples);
  if (result.is<rc::detail::GaveUpResult>()) search.gave_up = true;
  if (result.is<rc::detail::Error>()) search.error = result.get<rc::detail::Error>().description;
}

void LawRunner::TryAll(const Law& law, const Case& blank, LawSearch& search) {
  for (Case& example : law.all(world_)) {
    try {
      if (!Holds(blank, std::move(example), search)) return;
    } catch (const rc::detail::CaseResult&) {
      search.gave_up = true;
    }
  }
}

void LawRunner::RecordSearch(const Case& blank, LawSearch& search) {
  if (search.failed) {
    Verdict& verdict = search.failed->verdict;
    verdict.why += (verdict.why.empty() ? "" : "; ") + std::string("the smallest of ") +
                   std::to_string(search.tried) + " requests that were tried";
    return RecordTrial(*search.failed, blank.category, blank.id);
  }
  if (!search.error.empty()) {
    throw std::logic_error("the law " + blank.Name() + ": " + search.error);
  }
  if (examiner_.killer()) {
    return RecordPlain(blank, {Outcome::kInconclusive, "", "", "the target stopped responding", 0});
  }
  if (search.gave_up || search.tried == 0) {
    Verdict verdict =
        search.unclear ? search.unclear->verdict : Verdict{Outcome::kInconclusive, "", "", "", 0};
    if (verdict.outcome != Outcome::kNotApplicable) {
      verdict.outcome = Outcome::kInconclusive;
      verdict.why = "gave up after " + std::to_string(search.passed) + " examples" +
                    (verdict.why.empty() ? "" : ": " + verdict.why);
    }
    return RecordPlain(blank, verdict);
  }
  if (search.warned) return RecordTrial(*search.warned, blank.category, blank.id);
  RecordPlain(blank, {Outcome::kPass, "", std::to_string(search.passed) + " examples", "", 0});
}

void LawRunner::Check(const Law& law, int examples) {
  const Case blank = BlankOf(law);
  if (const auto why = examiner_.binder().WhyNot(blank)) {
    return RecordPlain(blank, {Outcome::kNotApplicable, "", "", *why, 0});
  }
  LawSearch search;
  if (law.draw != nullptr) {
    TryDrawn(law, blank, examples, search);
  } else {
    TryAll(law, blank, search);
  }
  RecordSearch(blank, search);
}

void LawRunner::Check(const GrammarLaw& law, int examples) {
  Case blank = Complete({}, "grammar", law.id, law.title, Level::kMust, law.clauses);
  blank.where = PlaceOfLaw(law.file, law.line);
  const auto result = CheckQuietly(law.holds, SeedFor(law.id), examples);
  if (result.is<rc::detail::SuccessResult>()) {
    return RecordPlain(blank, {Outcome::kPass, "", std::to_string(examples) + " examples", "", 0});
  }
  if (result.is<rc::detail::FailureResult>()) {
    const auto& failure = result.get<rc::detail::FailureResult>();
    std::string drawn;
    for (const auto& [type, value] : failure.counterExample) {
      if (value != "0") drawn += (drawn.empty() ? "" : ", ") + value;
    }
    return RecordPlain(blank, {Outcome::kFail, "the law holds", Printable(failure.description),
                               "drawn: " + Printable(drawn), 0});
  }
  RecordPlain(blank, {Outcome::kInconclusive, "", "", "gave up: too few examples fit", 0});
}

}  // namespace grantspec
