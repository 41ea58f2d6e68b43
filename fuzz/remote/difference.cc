#include "fuzz/remote/difference.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "fixtures/grammar/ascii.h"

namespace grantspec::fuzz {
namespace {

// A request as the table of marks looks at it.
struct Parts {
  std::string_view head, line, body;
  model::HeadReading reading;
  std::vector<std::string> authorizations, types;
  std::string authorization, type;  // the first ones
  std::optional<std::pair<std::string, std::string>> credentials;
  model::FormReading form;

  std::size_t Count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(
        form.pairs.begin(), form.pairs.end(), [name](const auto& p) { return p.first == name; }));
  }
  std::optional<std::string> First(std::string_view name) const {
    for (const auto& [key, value] : form.pairs) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
  bool InHead(std::string_view text) const { return head.find(text) != std::string_view::npos; }
};

// Whether some part of the bytes of a form is outside visible US-ASCII and space.
bool HasOddCharacter(const model::Pairs& pairs) {
  const auto is_odd = [](char c) { return c < ' ' || c > '~'; };
  return std::any_of(pairs.begin(), pairs.end(), [is_odd](const auto& pair) {
    return std::any_of(pair.first.begin(), pair.first.end(), is_odd) ||
           std::any_of(pair.second.begin(), pair.second.end(), is_odd);
  });
}

bool HasUnknownName(const model::Pairs& pairs) {
  return std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) {
    return pair.first != "grant_type" && pair.first != "scope" && pair.first != "client_id" &&
           pair.first != "client_secret";
  });
}

bool IsPlain(char c) {
  return IsAlpha(c) || IsDigit(c) || c == '-' || c == '.';
}

bool IsPlainHost(std::string_view host) {
  const std::string_view name = host.substr(0, host.find(':'));
  const std::string_view port = host.substr(std::min(name.size() + 1, host.size()));
  return std::all_of(name.begin(), name.end(), IsPlain) &&
         std::all_of(port.begin(), port.end(), IsDigit);
}

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

struct Mark {
  std::string_view name;
  bool (*has)(const Parts& parts);
};

constexpr Mark kMarks[] = {
    {"head_malformed", [](const Parts& p) { return !p.reading.refusals.empty(); }},
    {"line_end_alone",
     [](const Parts& p) {
       std::string_view rest = p.head;
       for (std::size_t at = 0; at < rest.size(); ++at) {
         const bool lf = rest[at] == '\n' && (at == 0 || rest[at - 1] != '\r');
         const bool cr = rest[at] == '\r' && (at + 1 == rest.size() || rest[at + 1] != '\n');
         if (lf || cr) return true;
       }
       return false;
     }},
    {"nul", [](const Parts& p) { return p.head.find('\0') != std::string_view::npos; }},
    {"folded", [](const Parts& p) { return p.InHead("\r\n ") || p.InHead("\r\n\t"); }},
    {"space_before_colon", [](const Parts& p) { return p.InHead(" :"); }},
    {"transfer_encoding",
     [](const Parts& p) { return !p.reading.All("transfer-encoding").empty(); }},
    {"lengths", [](const Parts& p) { return p.reading.All("content-length").size() != 1; }},
    {"hosts", [](const Parts& p) { return p.reading.All("host").size() != 1; }},
    {"host_special",
     [](const Parts& p) {
       const auto hosts = p.reading.All("host");
       return std::any_of(hosts.begin(), hosts.end(),
                          [](const std::string& host) { return !IsPlainHost(host); });
     }},
    {"http_1_0", [](const Parts& p) { return p.line.ends_with("HTTP/1.0"); }},
    {"method", [](const Parts& p) { return !p.line.starts_with("POST "); }},
    {"path", [](const Parts& p) { return !p.InHead(" /billing/oauth2/token"); }},
    {"query", [](const Parts& p) { return p.line.find('?') != std::string_view::npos; }},
    {"no_authorization", [](const Parts& p) { return p.authorizations.empty(); }},
    {"two_authorizations", [](const Parts& p) { return p.authorizations.size() > 1; }},
    {"scheme_spelling",
     [](const Parts& p) {
       return !p.authorizations.empty() && !p.authorization.starts_with("Basic ");
     }},
    {"basic_malformed", [](const Parts& p) { return !p.authorizations.empty() && !p.credentials; }},
    {"credentials_not_utf8",
     [](const Parts& p) {
       return p.credentials &&
              !(model::IsUtf8(p.credentials->first) && model::IsUtf8(p.credentials->second));
     }},
    {"credentials_special",
     [](const Parts& p) {
       if (!p.credentials) return false;
       const std::string both = p.credentials->first + p.credentials->second;
       return !std::all_of(both.begin(), both.end(), IsPlain);
     }},
    {"credentials_empty",
     [](const Parts& p) {
       return p.credentials && (p.credentials->first.empty() || p.credentials->second.empty());
     }},
    {"other_client",
     [](const Parts& p) { return p.credentials && p.credentials->first != "s6BhdRkqt3"; }},
    {"no_type", [](const Parts& p) { return p.types.empty(); }},
    {"two_types", [](const Parts& p) { return p.types.size() > 1; }},
    {"type_spelling",
     [](const Parts& p) { return !p.types.empty() && p.type != kForm && p.type.starts_with("a"); }},
    {"other_type",
     [](const Parts& p) {
       return !p.types.empty() && !ToLower(std::string_view(p.type)).starts_with(kForm);
     }},
    {"content_encoding", [](const Parts& p) { return !p.reading.All("content-encoding").empty(); }},
    {"no_body", [](const Parts& p) { return p.body.empty(); }},
    {"escape_invalid",
     [](const Parts& p) { return p.form.refusal == model::FormReading::Refusal::kEscape; }},
    {"utf8_invalid",
     [](const Parts& p) { return p.form.refusal == model::FormReading::Refusal::kUtf8; }},
    {"odd_character", [](const Parts& p) { return HasOddCharacter(p.form.pairs); }},
    {"unknown_parameter", [](const Parts& p) { return HasUnknownName(p.form.pairs); }},
    {"grant_type_repeated", [](const Parts& p) { return p.Count("grant_type") > 1; }},
    {"scope_repeated", [](const Parts& p) { return p.Count("scope") > 1; }},
    {"other_grant",
     [](const Parts& p) { return p.First("grant_type").value_or("") != "client_credentials"; }},
    {"no_scope", [](const Parts& p) { return p.First("scope").value_or("").empty(); }},
    {"scope_malformed",
     [](const Parts& p) {
       const auto scope = p.First("scope");
       return scope && !scope->empty() && !model::ReadScope(*scope);
     }},
    {"client_id", [](const Parts& p) { return p.Count("client_id") > 0; }},
    {"client_secret", [](const Parts& p) { return p.Count("client_secret") > 0; }},
};

}  // namespace

Marks MarksOf(std::string_view request) {
  Parts parts;
  const std::size_t end = std::min(request.find("\r\n\r\n"), request.size());
  parts.head = request.substr(0, std::min(end + 4, request.size()));
  parts.body = request.substr(parts.head.size());
  parts.line = parts.head.substr(0, parts.head.find('\r'));
  parts.reading = model::ReadHead(parts.head);
  parts.authorizations = parts.reading.All("authorization");
  parts.types = parts.reading.All("content-type");
  if (!parts.authorizations.empty()) parts.authorization = parts.authorizations.front();
  parts.credentials = model::ReadBasic(parts.authorization);
  if (!parts.types.empty()) parts.type = parts.types.front();
  parts.form = model::ReadForm(parts.body);
  Marks marks;
  for (const Mark& mark : kMarks) {
    if (mark.has(parts)) marks.insert(mark.name);
  }
  return marks;
}

bool Quirks::HasWithin(const Shown& shown, const Marks& marks) const {
  const auto known = known_.find(shown);
  return known != known_.end() &&
         std::any_of(known->second.begin(), known->second.end(), [&marks](const Marks& needed) {
           return std::includes(marks.begin(), marks.end(), needed.begin(), needed.end());
         });
}

bool Quirks::Explain(const Difference& difference) const {
  if (HasWithin(KeyOf(difference), difference.marks)) return true;
  // A target that keeps no such rule refuses by another one what breaks that, too.
  if (difference.got.empty() || difference.got[0] != '4') return false;
  return std::any_of(known_.begin(), known_.end(), [&](const auto& known) {
    const auto& [rule, pair] = known.first;
    return rule == difference.rule && pair.first == difference.expected &&
           pair.second.starts_with("200") && HasWithin(known.first, difference.marks);
  });
}

bool Quirks::Generalize(const Difference& difference) {
  const auto known = known_.find(KeyOf(difference));
  if (known == known_.end()) return false;
  for (Marks& marks : known->second) {
    Marks both;
    std::set_intersection(marks.begin(), marks.end(), difference.marks.begin(),
                          difference.marks.end(), std::inserter(both, both.end()));
    if (both.empty() && !marks.empty()) continue;
    marks = std::move(both);
    return true;
  }
  return false;
}

bool Quirks::Learn(const Difference& difference) {
  if (Explain(difference)) return false;
  known_[KeyOf(difference)].push_back(difference.marks);
  ++size_;
  return true;
}

}  // namespace grantspec::fuzz
