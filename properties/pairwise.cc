#include "properties/pairwise.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/bind/expectation.h"
#include "fixtures/grammar/form.h"
#include "properties/runner.h"

namespace grantspec {
namespace {

const SourceLine kHere = {"properties/pairwise.cc", __LINE__};

std::string Pair(std::string_view name, std::string_view value) {
  return std::string(name) + "=" + EncodeFormComponent(value);
}

ParameterValue Grant(std::string name, std::string defect, std::vector<std::string> pairs) {
  return {std::move(name), std::move(defect), [pairs](Draft& draft) {
            draft.pairs.insert(draft.pairs.begin(), pairs.begin(), pairs.end());
          }};
}

ParameterValue FormPairs(std::string name, std::string defect, std::vector<std::string> pairs) {
  return {std::move(name), std::move(defect), [pairs](Draft& draft) {
            draft.pairs.insert(draft.pairs.end(), pairs.begin(), pairs.end());
          }};
}

ParameterValue Media(std::string name, std::string defect, std::string type) {
  return {std::move(name), std::move(defect), [type](Draft& draft) { draft.media = type; }};
}

ParameterValue Method(std::string name, std::string defect, std::string method) {
  return {std::move(name), std::move(defect), [method](Draft& draft) { draft.method = method; }};
}

ParameterValue Plain(std::string name) {
  return {std::move(name), "", [](Draft&) {}};
}

std::string Joined(const std::vector<std::string>& pairs) {
  std::string content;
  for (const std::string& pair : pairs) content += (content.empty() ? "" : "&") + pair;
  return content;
}

// A chunked request, which no HTTP client would frame like this, as bytes.
StepSpec ChunkedStep(const Draft& draft) {
  std::string head = draft.method + " " + draft.target + " HTTP/1.1\r\nHost: {{host}}\r\n";
  const auto add = [&head](const std::string& line) { head += line + "\r\n"; };
  if (draft.authorization) add("Authorization: " + draft.scheme + draft.credentials);
  if (!draft.media.empty()) add("Content-Type: " + draft.media);
  for (const std::string& line : draft.fields) add(line);
  add("Transfer-Encoding: chunked");
  std::string body;
  if (const std::string content = Joined(draft.pairs); !content.empty()) {
    std::array<char, 24> size{};
    std::snprintf(size.data(), size.size(), "%zx", content.size());
    body = std::string(size.data()) + "\r\n" + content + "\r\n";
  }
  StepSpec step;
  step.name = "request";
  step.raw = {{{head + "\r\n" + body + "0\r\n\r\n", kHere}}};
  return step;
}

StepSpec StepOf(const Draft& draft) {
  if (draft.chunked) return ChunkedStep(draft);
  StepSpec step;
  step.name = "request";
  if (draft.method != "POST") step.method = Text{draft.method, kHere};
  if (draft.target != "{{target}}") step.target = Text{draft.target, kHere};
  step.content = Text{Joined(draft.pairs), kHere};
  const auto field = [&step](std::string name, std::vector<Text> values) {
    step.fields.push_back({{std::move(name), kHere}, std::move(values)});
  };
  if (!draft.authorization) {
    field("Authorization", {});
  } else if (draft.scheme != "Basic " || draft.credentials != "{{token68}}") {
    field("Authorization", {{draft.scheme + draft.credentials, kHere}});
  }
  if (draft.media.empty()) {
    field("Content-Type", {});
  } else if (draft.media != "application/x-www-form-urlencoded" || draft.method != "POST") {
    field("Content-Type", {{draft.media, kHere}});
  }
  for (const std::string& line : draft.fields) {
    field(line.substr(0, line.find(':')), {{line.substr(line.find(':') + 2), kHere}});
  }
  return step;
}

const Case& KnownCase(const std::vector<Case>& known, const std::string& name) {
  for (const Case& one : known) {
    if (one.Name() == name) return one;
  }
  throw std::logic_error("unknown case of the catalogue: " + name);
}

const RequestParameter kGrant = {
    "grant",
    {Grant("grant_right", "", {"grant_type=client_credentials"}),
     Grant("grant_missing", "grant_type.missing", {}),
     Grant("grant_empty", "grant_type.empty_value", {"grant_type="}),
     Grant("grant_unknown", "grant_type.unknown_name", {"grant_type=no_such_grant"}),
     Grant("grant_upper", "grant_type.value_upper", {"grant_type=CLIENT_CREDENTIALS"})}};

const RequestParameter kScheme = {
    "scheme",
    {Plain("scheme_basic"),
     {"scheme_lower", "", [](Draft& draft) { draft.scheme = "basic "; }},
     {"scheme_bearer", "client_auth_basic.wrong_scheme_bearer",
      [](Draft& draft) { draft.scheme = "Bearer "; }},
     {"scheme_none", "client_auth_basic.missing_header",
      [](Draft& draft) { draft.authorization = false; }}}};

const RequestParameter kCredentials = {
    "credentials",
    {Plain("credentials_right"),
     {"credentials_unknown", "client_auth_basic.unknown_user",
      [](Draft& draft) { draft.credentials = "{{base64(nobody.id ':' nobody.secret)}}"; }},
     {"credentials_malformed", "client_auth_basic.only_padding",
      [](Draft& draft) { draft.credentials = "===="; }}}};

const RequestParameter kMedia = {
    "media",
    {Plain("media_form"), Media("media_upper", "", "APPLICATION/X-WWW-FORM-URLENCODED"),
     Media("media_charset", "", "application/x-www-form-urlencoded; charset=utf-8"),
     Media("media_text", "content_type.text_plain", "text/plain"),
     Media("media_json", "content_type.json_label_form_body", "application/json"),
     Media("media_missing", "content_type.missing", "")}};

const RequestParameter kRepetition = {
    "repetition",
    {Plain("nothing_twice"),
     FormPairs("grant_twice", "form_encoding.repeat_grant_equal",
               {"grant_type=client_credentials", "grant_type=client_credentials"}),
     FormPairs("unknown_twice", "form_encoding.repeat_unknown", {"x_twice=1", "x_twice=2"})}};

const RequestParameter kMethod = {
    "method",
    {Plain("method_post"), Method("method_put", "http_method.put", "PUT"),
     Method("method_patch", "http_method.patch", "PATCH"),
     Method("method_get", "http_method.get_with_body", "GET")}};

const RequestParameter kExtra = {"extra",
                                 {Plain("extra_none"),
                                  FormPairs("extra_unknown", "", {"x_unknown=1"}),
                                  FormPairs("extra_empty", "", {"x_unknown="}),
                                  {"extra_query", "http_method.post_with_query",
                                   [](Draft& draft) { draft.target = "{{path}}?tenant=x"; }}}};

const RequestParameter kFields = {
    "fields",
    {Plain("fields_plain"),
     {"fields_accept", "",
      [](Draft& draft) { draft.fields.emplace_back("Accept: application/json"); }},
     {"fields_unknown", "", [](Draft& draft) { draft.fields.emplace_back("X-Unknown: 1"); }}}};

const RequestParameter kFraming = {
    "framing", {Plain("sized"), {"chunked", "", [](Draft& draft) { draft.chunked = true; }}}};

RequestParameter ScopeParameter(const World& world) {
  std::string all;
  for (const std::string& word : world.granted) all += (all.empty() ? "" : " ") + word;
  RequestParameter scope = {
      "scope",
      {FormPairs("scope_one", "", {Pair("scope", world.granted.front())}),
       FormPairs("scope_left_out", "scope.omitted", {}),
       FormPairs("scope_unknown", "scope.unknown_only", {"scope=no:such:scope"})}};
  if (world.granted.size() > 1) {
    scope.values.push_back(FormPairs("scope_all", "", {Pair("scope", all)}));
  }
  return scope;
}

constexpr std::size_t kUnset = static_cast<std::size_t>(-1);

using Row = std::vector<std::size_t>;                                  // a value per parameter
using Combination = std::vector<std::pair<std::size_t, std::size_t>>;  // parameter, value

// Every combination of values of the chosen parameters.
std::vector<Combination> CombinationsOf(const std::vector<bool>& chosen, const Row& counts) {
  std::vector<Combination> partial = {{}};
  for (std::size_t p = 0; p < counts.size(); ++p) {
    if (!chosen[p]) continue;
    std::vector<Combination> longer;
    for (const Combination& one : partial) {
      for (std::size_t v = 0; v < counts[p]; ++v) {
        longer.push_back(one);
        longer.back().emplace_back(p, v);
      }
    }
    partial = std::move(longer);
  }
  return partial;
}

// Every combination of values of any `strength` parameters.
std::set<Combination> AllCombinations(const Row& counts, std::size_t strength) {
  std::set<Combination> all;
  std::vector<bool> chosen(counts.size(), false);
  std::fill(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(strength), true);
  do {
    const std::vector<Combination> some = CombinationsOf(chosen, counts);
    all.insert(some.begin(), some.end());
  } while (std::prev_permutation(chosen.begin(), chosen.end()));
  return all;
}

// The value of parameter `p` with which the row would complete a combination; or kUnset.
std::size_t CompletedBy(const Combination& one, const Row& row, std::size_t p) {
  std::size_t value = kUnset;
  for (const auto& [q, v] : one) {
    if (q == p) {
      value = v;
    } else if (row[q] != v) {
      return kUnset;
    }
  }
  return value;
}

// The value of parameter `p` that completes most open combinations.
std::size_t BestValue(const std::set<Combination>& open, const Row& row, std::size_t p,
                      std::size_t count) {
  std::vector<std::size_t> completed(count, 0);
  for (const Combination& one : open) {
    const std::size_t value = CompletedBy(one, row, p);
    if (value != kUnset) ++completed[value];
  }
  return static_cast<std::size_t>(std::max_element(completed.begin(), completed.end()) -
                                  completed.begin());
}

bool IsIn(const Combination& one, const Row& row) {
  return std::all_of(one.begin(), one.end(),
                     [&row](const auto& cell) { return row[cell.first] == cell.second; });
}

// Whether a row has each value that is not plain in a smaller, failing one.
bool Contains(const Row& row, const Row& failing) {
  for (std::size_t p = 0; p < row.size(); ++p) {
    if (failing[p] != 0 && failing[p] != row[p]) return false;
  }
  return true;
}

bool MayGetToken(const Case& defect, const Profile& profile) {
  const BoundExpectation bound = ExpectationFor(defect, defect.steps.front(), profile);
  const Expectation& expect = bound.expect;
  return expect.response.Contains(TokenClass()) || expect.warn.Contains(TokenClass()) ||
         expect.info.Contains(TokenClass());
}

// With several defects the server chooses which one it reports. A token comes only where each of
// them is one that a server may tolerate.
void ExpectRefusal(const std::vector<const Case*>& defects, const Profile& profile, Case& one) {
  bool tolerated = true;
  for (const Case* defect : defects) {
    tolerated = tolerated && MayGetToken(*defect, profile);
    for (const Clause* clause : defect->clauses) {
      const auto& known = one.clauses;
      if (std::find(known.begin(), known.end(), clause) == known.end()) {
        one.clauses.push_back(clause);
      }
    }
  }
  Expectation& expect = one.steps.front().expect;
  expect.response = {"refused", "501", "505"};
  if (tolerated) expect.response.Add(TokenClass());
}

// What the catalogue expects of a request with these defects.
void ExpectFor(const std::vector<const Case*>& defects, const Profile& profile, Case& one) {
  if (defects.empty()) {
    one.steps.front().expect.response = {"token"};
    return;
  }
  if (defects.size() > 1) return ExpectRefusal(defects, profile, one);
  const Case& defect = *defects.front();
  one.level = defect.level;
  one.clauses = defect.clauses;
  one.strict = defect.strict;
  one.alternatives = defect.alternatives;
  one.steps.front().expect = defect.steps.front().expect;
}

}  // namespace

std::vector<RequestParameter> ParametersOf(const World& world) {
  std::vector<RequestParameter> list = {kGrant};
  if (!world.granted.empty()) list.push_back(ScopeParameter(world));
  for (const RequestParameter* one : {&kScheme, &kCredentials, &kMedia, &kRepetition}) {
    list.push_back(*one);
  }
  if (!world.granted.empty()) {
    const std::string scope = Pair("scope", world.granted.front());
    list.back().values.push_back(
        FormPairs("scope_twice", "scope.repeat_param_equal", {scope, scope}));
  }
  for (const RequestParameter* one : {&kMethod, &kExtra, &kFields}) list.push_back(*one);
  if (!world.profile.responds_in_http_1_0) list.push_back(kFraming);
  return list;
}

std::vector<std::vector<std::size_t>> CoveringRows(const std::vector<std::size_t>& counts,
                                                   std::size_t strength, unsigned long seed) {
  std::set<Combination> open = AllCombinations(counts, std::min(strength, counts.size()));
  std::mt19937_64 random(seed);
  std::vector<Row> rows;
  while (!open.empty()) {
    // A row begins with a combination that is still open, and is filled up with the values that
    // complete most others.
    Row row(counts.size(), kUnset);
    for (const auto& [p, v] : *open.begin()) row[p] = v;
    std::vector<std::size_t> order(counts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), random);
    for (std::size_t p : order) {
      if (row[p] == kUnset) row[p] = BestValue(open, row, p, counts[p]);
    }
    std::erase_if(open, [&row](const Combination& one) { return IsIn(one, row); });
    rows.push_back(std::move(row));
  }
  return rows;
}

Case CaseOfRow(const std::vector<RequestParameter>& parameters, const std::vector<std::size_t>& row,
               const std::vector<Case>& known, const Profile& profile) {
  Draft draft;
  std::vector<const Case*> defects;
  std::string title;
  Case one;
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const ParameterValue& value = parameters[p].values[row[p]];
    value.apply(draft);
    if (row[p] != 0) {
      one.id += (one.id.empty() ? "" : "_") + value.name;
      title += (title.empty() ? "" : ", ") + value.name;
    }
    if (!value.defect.empty()) defects.push_back(&KnownCase(known, value.defect));
  }
  if (one.id.empty()) one.id = "plain";
  if (title.size() > 80) title = title.substr(0, 80);
  one.title = "A request with " + (title.empty() ? "nothing special" : title);
  std::replace(one.title.begin(), one.title.end(), '_', ' ');
  one.where = kHere;
  one.steps = {StepOf(draft)};
  ExpectFor(defects, profile, one);
  return one;
}

struct LawRunner::PairwiseSearch {
  std::vector<RequestParameter> parameters;
  const std::vector<Case>& known;
};

Trial LawRunner::TryRow(const PairwiseSearch& search, const std::vector<std::size_t>& row) {
  Case one = CaseOfRow(search.parameters, row, search.known, examiner_.binder().profile());
  one.category = prefix_ + "pairwise";
  if (one.clauses.empty()) one.clauses = {&ClauseNamed(*record_.clauses, "RFC6749-4.4.3-01")};
  return Try(std::move(one));
}

// Makes values plain one after another, as long as the request still fails. `trial` is the result
// for the row, and afterwards for the one returned.
std::vector<std::size_t> LawRunner::Smallest(const PairwiseSearch& search,
                                             std::vector<std::size_t> row, Trial& trial) {
  for (std::size_t p = 0; p < row.size() && !examiner_.killer(); ++p) {
    if (row[p] == 0) continue;
    const std::size_t kept = std::exchange(row[p], 0);
    Trial smaller = TryRow(search, row);
    if (smaller.verdict.outcome == Outcome::kFail) {
      trial = std::move(smaller);
    } else {
      row[p] = kept;
    }
  }
  return row;
}

void LawRunner::CheckPairwise(const std::vector<Case>& known, int strength) {
  const std::string name = "strength_" + std::to_string(strength);
  law_ = prefix_ + "pairwise." + name;
  flags_ = " --strength " + std::to_string(strength);
  const PairwiseSearch search{ParametersOf(world_), known};
  std::vector<std::size_t> counts;
  counts.reserve(search.parameters.size());
  for (const RequestParameter& one : search.parameters) counts.push_back(one.values.size());
  const auto rows = CoveringRows(counts, static_cast<std::size_t>(strength), SeedFor("pairwise"));
  std::vector<Row> failing;
  std::size_t unclear = 0;
  std::string why;
  for (const Row& row : rows) {
    Trial trial = TryRow(search, row);
    if (trial.verdict.outcome == Outcome::kInconclusive) {
      ++unclear;
      why = trial.verdict.why;
    }
    if (trial.verdict.outcome != Outcome::kFail) continue;
    // What is known to fail already needs no second finding.
    const bool known_to_fail = std::any_of(failing.begin(), failing.end(),
                                           [&row](const Row& one) { return Contains(row, one); });
    if (known_to_fail) continue;
    failing.push_back(Smallest(search, row, trial));
    trial.verdict.why += (trial.verdict.why.empty() ? "" : "; ") +
                         std::string("the smallest combination of parameters that fails");
    RecordTrial(trial, trial.spec->category, trial.spec->id);
  }
  law_.clear();
  flags_.clear();
  if (!failing.empty()) return;
  const std::string all = std::to_string(rows.size()) + " requests";
  Case law = Complete({}, "pairwise", name,
                      "Every combination of " + std::to_string(strength) +
                          " parameters of a request gets its response, in " + all,
                      Level::kMust, {"RFC6749-4.4.3-01", "RFC6749-5.2-01"});
  law.where = kHere;
  if (unclear > 0) {
    return RecordPlain(
        law, {Outcome::kInconclusive, "", "",
              std::to_string(unclear) + " of " + all + " could not be judged: " + why, 0});
  }
  RecordPlain(law, {Outcome::kPass, "", all, "", 0});
}

}  // namespace grantspec
