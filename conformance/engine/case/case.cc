#include "conformance/engine/case/case.h"

#include <algorithm>
#include <iterator>

namespace grantspec {
namespace {

template <typename Value>
struct Spelling {
  std::string_view name;
  Value value;
};

constexpr Spelling<Place> kPlaces[] = {{"token", Place::kToken},
                                       {"resource", Place::kResource},
                                       {"resource_other", Place::kResourceOther},
                                       {"resource_second_site", Place::kResourceSecondSite},
                                       {"resource_foreign_site", Place::kResourceForeignSite}};

constexpr Spelling<Tier> kTiers[] = {{"safe", Tier::kSafe}, {"abuse", Tier::kAbuse}};

constexpr Spelling<Related> kRelated[] = {
    {"status", Related::kStatus},    {"response", Related::kResponse},
    {"granted", Related::kGranted},  {"scope", Related::kScope},
    {"content", Related::kContent},  {"metadata", Related::kMetadata},
    {"fields", Related::kFields},    {"token", Related::kToken},
    {"lifetime", Related::kLifetime}};

constexpr Spelling<Level> kLevels[] = {{"MUST", Level::kMust},
                                       {"SHOULD", Level::kShould},
                                       {"MAY", Level::kMay},
                                       {"PROFILE", Level::kProfile},
                                       {"SECURITY", Level::kSecurity}};

template <typename Table, typename Value>
std::string_view NameIn(const Table& table, Value value) {
  const auto found = std::find_if(std::begin(table), std::end(table),
                                  [value](const auto& row) { return row.value == value; });
  return found == std::end(table) ? "?" : found->name;
}

template <typename Value, std::size_t size>
std::optional<Value> ValueIn(const Spelling<Value> (&table)[size], std::string_view name) {
  const auto found = std::find_if(std::begin(table), std::end(table),
                                  [name](const auto& row) { return row.name == name; });
  if (found == std::end(table)) return std::nullopt;
  return found->value;
}

}  // namespace

std::string_view ToString(Level level) {
  return NameIn(kLevels, level);
}

std::string_view ToString(Tier tier) {
  return NameIn(kTiers, tier);
}

std::string_view ToString(Place place) {
  return NameIn(kPlaces, place);
}

std::string_view ToString(Related what) {
  return NameIn(kRelated, what);
}

std::optional<Level> LevelNamed(std::string_view name) {
  if (name == "MUST NOT") return Level::kMust;
  if (name == "SHOULD NOT") return Level::kShould;
  return ValueIn(kLevels, name);
}

std::optional<Tier> TierNamed(std::string_view name) {
  return ValueIn(kTiers, name);
}

std::optional<Place> PlaceNamed(std::string_view name) {
  return ValueIn(kPlaces, name);
}

std::optional<Related> RelatedNamed(std::string_view name) {
  return ValueIn(kRelated, name);
}

bool IsPlain(const StepSpec& step) {
  const bool own_login = step.client == "main" && !step.auth && !step.secret && !step.assertion &&
                         !step.as_form && step.certificate == ClientCertificate::kOfClient;
  const bool own_message = !step.method && !step.target && !step.content && step.fields.empty() &&
                           step.form.empty() && step.raw.empty();
  const bool own_connection = step.fresh || step.plaintext || !step.tls.empty();
  return own_login && own_message && !own_connection && step.repeat == 1 && step.responses == 1 &&
         step.await == Await::kNothing;
}

std::vector<std::string> ClauseIds(const Case& spec) {
  std::vector<std::string> ids;
  ids.reserve(spec.clauses.size());
  for (const Clause* clause : spec.clauses) ids.push_back(clause->id);
  return ids;
}

}  // namespace grantspec
