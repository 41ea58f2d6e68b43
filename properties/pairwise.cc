#include "properties/pairwise.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <stdexcept>

#include "conformance/plan.h"
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

StepSpec StepOf(const Draft& draft) {
  StepSpec step;
  step.name = "request";
  std::string content;
  for (const std::string& pair : draft.pairs) content += (content.empty() ? "" : "&") + pair;
  std::vector<std::string> lines = {"Host: {{host}}"};
  if (draft.authorization) lines.push_back("Authorization: " + draft.scheme + draft.credentials);
  if (!draft.media.empty()) lines.push_back("Content-Type: " + draft.media);
  lines.insert(lines.end(), draft.fields.begin(), draft.fields.end());
  if (draft.chunked) {
    std::array<char, 24> size{};
    std::snprintf(size.data(), size.size(), "%zx", content.size());
    lines.push_back("Transfer-Encoding: chunked");
    content =
        (content.empty() ? "" : std::string(size.data()) + "\r\n" + content + "\r\n") + "0\r\n\r\n";
    std::string text = draft.method + " " + draft.target + " HTTP/1.1\r\n";
    for (const std::string& line : lines) text += line + "\r\n";
    step.raw = {{{text + "\r\n" + content, kHere}}};
    return step;
  }
  if (draft.method != "POST") step.method = Text{draft.method, kHere};
  if (draft.target != "{{target}}") step.target = Text{draft.target, kHere};
  step.content = Text{content, kHere};
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
  throw std::logic_error("no case of the catalogue is called " + name);
}

bool Names(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

std::vector<RequestParameter> ParametersOf(const World& world) {
  const std::string one = world.granted.empty() ? "" : world.granted.front();
  std::string all;
  for (const std::string& word : world.granted) all += (all.empty() ? "" : " ") + word;
  std::vector<RequestParameter> list;
  list.push_back(
      {"grant",
       {Grant("grant_right", "", {"grant_type=client_credentials"}),
        Grant("grant_missing", "grant_type.missing", {}),
        Grant("grant_empty", "grant_type.empty_value", {"grant_type="}),
        Grant("grant_unknown", "grant_type.unknown_name", {"grant_type=no_such_grant"}),
        Grant("grant_upper", "grant_type.value_upper", {"grant_type=CLIENT_CREDENTIALS"})}});
  if (!one.empty()) {
    list.push_back({"scope",
                    {FormPairs("scope_one", "", {Pair("scope", one)}),
                     FormPairs("scope_left_out", "scope.omitted", {}),
                     FormPairs("scope_unknown", "scope.unknown_only", {"scope=no:such:scope"})}});
    if (world.granted.size() > 1) {
      list.back().values.push_back(FormPairs("scope_all", "", {Pair("scope", all)}));
    }
  }
  list.push_back({"scheme",
                  {Plain("scheme_basic"),
                   {"scheme_lower", "", [](Draft& draft) { draft.scheme = "basic "; }},
                   {"scheme_bearer", "client_auth_basic.wrong_scheme_bearer",
                    [](Draft& draft) { draft.scheme = "Bearer "; }},
                   {"scheme_none", "client_auth_basic.missing_header",
                    [](Draft& draft) { draft.authorization = false; }}}});
  list.push_back(
      {"credentials",
       {Plain("credentials_right"),
        {"credentials_unknown", "client_auth_basic.unknown_user",
         [](Draft& draft) { draft.credentials = "{{base64(nobody.id ':' nobody.secret)}}"; }},
        {"credentials_malformed", "client_auth_basic.only_padding",
         [](Draft& draft) { draft.credentials = "===="; }}}});
  list.push_back(
      {"media",
       {Plain("media_form"), Media("media_upper", "", "APPLICATION/X-WWW-FORM-URLENCODED"),
        Media("media_charset", "", "application/x-www-form-urlencoded; charset=utf-8"),
        Media("media_text", "content_type.text_plain", "text/plain"),
        Media("media_json", "content_type.json_label_form_body", "application/json"),
        Media("media_missing", "content_type.missing", "")}});
  list.push_back(
      {"repetition",
       {Plain("nothing_twice"),
        FormPairs("grant_twice", "form_encoding.repeat_grant_equal",
                  {"grant_type=client_credentials", "grant_type=client_credentials"}),
        FormPairs("unknown_twice", "form_encoding.repeat_unknown", {"x_twice=1", "x_twice=2"})}});
  if (!one.empty()) {
    list.back().values.push_back(FormPairs("scope_twice", "scope.repeat_param_equal",
                                           {Pair("scope", one), Pair("scope", one)}));
  }
  list.push_back({"method",
                  {Plain("method_post"), Method("method_put", "http_method.put", "PUT"),
                   Method("method_patch", "http_method.patch", "PATCH"),
                   Method("method_get", "http_method.get_with_body", "GET")}});
  list.push_back({"extra",
                  {Plain("extra_none"),
                   FormPairs("extra_unknown", "", {"x_unknown=1"}),
                   FormPairs("extra_empty", "", {"x_unknown="}),
                   {"extra_query", "http_method.post_with_query",
                    [](Draft& draft) { draft.target = "{{path}}?tenant=x"; }}}});
  list.push_back(
      {"fields",
       {Plain("fields_plain"),
        {"fields_accept", "",
         [](Draft& draft) { draft.fields.emplace_back("Accept: application/json"); }},
        {"fields_unknown", "", [](Draft& draft) { draft.fields.emplace_back("X-Unknown: 1"); }}}});
  if (!world.profile.answers_in_http_1_0) {
    list.push_back(
        {"framing", {Plain("sized"), {"chunked", "", [](Draft& draft) { draft.chunked = true; }}}});
  }
  return list;
}

std::vector<std::vector<std::size_t>> CoveringRows(const std::vector<std::size_t>& counts,
                                                   std::size_t strength, unsigned long seed) {
  strength = std::min(strength, counts.size());
  using Combination = std::vector<std::pair<std::size_t, std::size_t>>;  // parameter, value
  std::set<Combination> open;
  // Every choice of `strength` parameters, every combination of their values.
  std::vector<bool> chosen(counts.size(), false);
  std::fill(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(strength), true);
  do {
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
    open.insert(partial.begin(), partial.end());
  } while (std::prev_permutation(chosen.begin(), chosen.end()));

  std::mt19937_64 random(seed);
  std::vector<std::vector<std::size_t>> rows;
  constexpr std::size_t kUnset = static_cast<std::size_t>(-1);
  while (!open.empty()) {
    // A row begins with a combination that is still open, and is filled up with the values that
    // close most others.
    std::vector<std::size_t> row(counts.size(), kUnset);
    for (const auto& [p, v] : *open.begin()) row[p] = v;
    std::vector<std::size_t> order(counts.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    for (std::size_t p : order) {
      if (row[p] != kUnset) continue;
      std::vector<std::size_t> closes(counts[p], 0);
      for (const Combination& one : open) {
        std::size_t value = kUnset;
        bool fits = true;
        for (const auto& [q, v] : one) {
          if (q == p) {
            value = v;
          } else if (row[q] != v) {
            fits = false;
          }
        }
        if (fits && value != kUnset) ++closes[value];
      }
      row[p] =
          static_cast<std::size_t>(std::max_element(closes.begin(), closes.end()) - closes.begin());
    }
    std::erase_if(open, [&row](const Combination& one) {
      return std::all_of(one.begin(), one.end(),
                         [&row](const auto& cell) { return row[cell.first] == cell.second; });
    });
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
  StepSpec step = StepOf(draft);
  if (defects.empty()) {
    step.expect.answer = {"token"};
    one.clauses = {"RFC6749-4.4.3-01"};
  } else if (defects.size() == 1) {
    const Case& defect = *defects.front();
    one.level = defect.level;
    one.clauses = defect.clauses;
    one.strict = defect.strict;
    one.alternatives = defect.alternatives;
    step.expect = defect.steps.front().expect;
  } else {
    // Which of them is told is the server's choice. A token comes only where all of them are
    // things that a server may bear with.
    bool borne = true;
    for (const Case* defect : defects) {
      const BoundExpectation bound = ExpectationFor(*defect, defect->steps.front(), profile);
      const Expectation& expect = bound.expect;
      borne = borne && (Names(expect.answer, "token") || Names(expect.warn, "token") ||
                        Names(expect.info, "token"));
      for (const std::string& clause : defect->clauses) {
        if (!Names(one.clauses, clause)) one.clauses.push_back(clause);
      }
    }
    step.expect.answer = {"refused", "501", "505"};
    if (borne) step.expect.answer.emplace_back("token");
  }
  one.steps = {step};
  return one;
}

void LawRunner::HoldPairwise(const std::vector<Case>& known, int strength) {
  law_ = prefix_ + "pairwise.strength_" + std::to_string(strength);
  flags_ = " --strength " + std::to_string(strength);
  const std::vector<RequestParameter> parameters = ParametersOf(world_);
  std::vector<std::size_t> counts;
  counts.reserve(parameters.size());
  for (const RequestParameter& one : parameters) counts.push_back(one.values.size());
  const auto rows = CoveringRows(counts, static_cast<std::size_t>(strength), SeedFor("pairwise"));
  const auto attempt = [&](const std::vector<std::size_t>& row) {
    Case one = CaseOfRow(parameters, row, known, examiner_.binder().profile());
    one.category = prefix_ + "pairwise";
    Trial trial = examiner_.Try(std::move(one));
    for (const Exchange& exchange : trial.held.exchanges) presenter_.LearnTokens(exchange);
    return trial;
  };
  std::vector<std::vector<std::size_t>> found;
  std::size_t unclear = 0, judged = 0;
  std::string why;
  for (const auto& row : rows) {
    Trial trial = attempt(row);
    if (trial.verdict.outcome == Outcome::kInconclusive) {
      ++unclear;
      why = trial.verdict.why;
      continue;
    }
    ++judged;
    if (trial.verdict.outcome != Outcome::kFail) continue;
    // What is known to fail already needs no second finding.
    const bool again = std::any_of(found.begin(), found.end(), [&row](const auto& small) {
      for (std::size_t p = 0; p < row.size(); ++p) {
        if (small[p] != 0 && small[p] != row[p]) return false;
      }
      return true;
    });
    if (again) continue;
    std::vector<std::size_t> small = row;
    for (std::size_t p = 0; p < small.size() && !examiner_.killer(); ++p) {
      if (small[p] == 0) continue;
      const std::size_t kept = std::exchange(small[p], 0);
      Trial smaller = attempt(small);
      if (smaller.verdict.outcome == Outcome::kFail) {
        trial = std::move(smaller);
      } else {
        small[p] = kept;
      }
    }
    found.push_back(small);
    trial.verdict.why += (trial.verdict.why.empty() ? "" : "; ") +
                         std::string("the smallest combination of parameters that fails");
    RecordTrial(trial, trial.spec->category, trial.spec->id);
  }
  law_.clear();
  flags_.clear();
  if (!found.empty()) return;
  Case law = Complete({}, "pairwise", "strength_" + std::to_string(strength),
                      "Every combination of " + std::to_string(strength) +
                          " parameters of a request gets its answer, in " +
                          std::to_string(rows.size()) + " requests",
                      Level::kMust, {"RFC6749-4.4.3-01", "RFC6749-5.2-01"});
  law.where = kHere;
  if (unclear > 0) {
    return RecordPlain(law, {Outcome::kInconclusive, "", "",
                             std::to_string(unclear) + " of " + std::to_string(rows.size()) +
                                 " requests could not be judged: " + why,
                             0});
  }
  RecordPlain(law, {Outcome::kPass, "", std::to_string(judged) + " requests", "", 0});
}

}  // namespace grantspec
