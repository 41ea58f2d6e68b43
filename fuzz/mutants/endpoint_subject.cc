#include "fuzz/mutants/endpoint_subject.h"

#include <cstdint>
#include <string>

#include "fixtures/endpoint/deviation.h"
#include "fuzz/mutants/mutant.h"
#include "fuzz/mutants/numbered_bytes.h"
#include "fuzz/mutants/planted.h"

namespace grantspec::subject {
namespace {

using HeadRead = std::optional<HeadError>;

struct PlantedHead {
  std::string_view name, says;
  HeadRead (*check)(std::string_view);
};

// A head is checked after a change of its text.
template <std::size_t N, std::size_t M>
HeadRead Changed(std::string_view head, const char (&from)[N], const char (&to)[M]) {
  return grantspec::CheckHead(Replaced(head, {from, N - 1}, {to, M - 1}));
}

// What is refused for this reason alone is accepted.
HeadRead Forgiven(std::string_view head, HeadError reason) {
  const HeadRead error = grantspec::CheckHead(head);
  return error == reason ? std::nullopt : error;
}

const PlantedHead kHead[] = {
    {"head_length_plus", "a length may have a plus",
     [](std::string_view h) { return Changed(h, "Content-Length: +", "Content-Length: "); }},
    {"head_length_hex", "a length may be hexadecimal",
     [](std::string_view h) { return Changed(h, "Content-Length: 0x", "Content-Length: "); }},
    {"head_two_lengths", "of two lengths one counts",
     [](std::string_view h) { return Forgiven(h, HeadError::kContentLengthDuplicate); }},
    {"head_length_and_coding", "Content-Length may stand beside Transfer-Encoding",
     [](std::string_view h) { return Forgiven(h, HeadError::kTransferEncodingAndLength); }},
    {"head_unknown_coding", "an unknown transfer coding is ignored",
     [](std::string_view h) { return Forgiven(h, HeadError::kTransferCodingUnknown); }},
    {"head_bare_line_feed", "a line feed alone ends a line",
     [](std::string_view h) { return Forgiven(h, HeadError::kBareLf); }},
    {"head_bare_return", "a carriage return alone is a space",
     [](std::string_view h) { return Forgiven(h, HeadError::kBareCr); }},
    {"head_nul", "a NUL in a head is accepted",
     [](std::string_view h) { return Forgiven(h, HeadError::kNul); }},
    {"head_folded", "a folded header field is accepted",
     [](std::string_view h) { return Forgiven(h, HeadError::kFoldedHeader); }},
    {"head_space_before_colon", "a space may stand before the colon",
     [](std::string_view h) { return Changed(h, " :", ":"); }},
    {"head_no_host", "Host may be missing",
     [](std::string_view h) { return Forgiven(h, HeadError::kHostMissing); }},
    {"head_two_hosts", "of two Hosts one counts",
     [](std::string_view h) { return Forgiven(h, HeadError::kHostDuplicate); }},
    {"head_any_host", "Host may be anything",
     [](std::string_view h) { return Forgiven(h, HeadError::kHostInvalid); }},
    {"head_control", "control characters in a field are accepted",
     [](std::string_view h) { return Forgiven(h, HeadError::kControlInHeader); }},
    {"head_version_2", "HTTP/2.0 is answered like HTTP/1.1",
     [](std::string_view h) { return Changed(h, " HTTP/2.", " HTTP/1."); }},
};

// Deviations of the endpoint that the harness of whole requests has to notice; they are those of
// the proof of the conformance cases.
constexpr std::string_view kFaults[] = {
    "basic_scheme_by_prefix",      "basic_tab_separator",      "basic_case_sensitive_scheme",
    "basic_refuses_two_spaces",    "base64_skips_foreign",     "base64_takes_url_alphabet",
    "base64_padding_optional",     "pair_cut_at_second_colon", "pair_split_at_last_colon",
    "pair_never_form_decoded",     "pair_cut_at_nul",          "secret_compared_up_to_shorter",
    "secret_case_insensitive",     "id_case_insensitive",      "suspended_client_logs_in",
    "anonymous_logs_in",           "authorization_first_wins", "two_mechanisms_taken",
    "other_client_id_ignored",     "own_client_id_refused",    "failed_login_is_400",
    "scope_checked_before_client", "grant_case_insensitive",   "grant_prefix_enough",
    "grant_missing_is_default",    "grant_unknown_taken",      "entitlement_not_checked",
    "form_decoded_twice",          "form_names_not_decoded",   "form_order_matters",
    "form_unknown_refused",        "form_repeat_first_wins",   "form_semicolon_separates",
    "form_not_utf8_crash",         "query_parameters_count",   "scope_missing_grants_all",
    "scope_white_space_lax",       "scope_order_matters",      "scope_submit_implies_read",
    "scope_ungranted_given",       "scope_cut_at_nul",         "type_case_sensitive",
    "type_never_checked",          "method_get_taken",         "method_lower_case_taken",
    "parameter_names_folded"};

std::string CountedBytes(std::size_t count) {
  static std::uint64_t issued = 0;
  return NumberedBytes(++issued, count);
}

}  // namespace

std::vector<Mutant> EndpointMutants() {
  std::vector<Mutant> list;
  for (const PlantedHead& one : kHead) list.push_back({one.name, "request", one.says});
  for (const Deviation& fault : Deviations()) {
    for (std::string_view name : kFaults) {
      if (name == fault.name) list.push_back({fault.name, "request", fault.says});
    }
  }
  return list;
}

std::optional<HeadError> CheckHead(std::string_view head) {
  static const auto planted = [] {
    HeadRead (*check)(std::string_view) = grantspec::CheckHead;
    for (const PlantedHead& one : kHead) {
      if (one.name == ActiveMutant()) check = one.check;
    }
    return check;
  }();
  return planted(head);
}

Response Respond(const Request& request) {
  // Neither chance nor time: with the same seed, the engine compares the same bytes in each run.
  static TokenEndpoint endpoint{
      ClientRegistry(),
      {.tokens_max = 64,  // the growth of a store is no work of the request that it falls on
       .sources = {.random_bytes = CountedBytes, .now = [] { return std::int64_t{784'111'777}; }}}};
  static const Handler handler = [] {
    Deployment deployment{endpoint, [](const Request& q) { return endpoint.Respond(q); }, {}};
    // OpenSSL sets itself up at its first use, which is no work of a request's.
    (void)endpoint.tokens().Issue("warm-up", KnownScopes());
    if (!ActiveMutant().empty()) ApplyByName(ActiveMutant(), deployment);
    return deployment.handler;
  }();
  return handler(request);
}

}  // namespace grantspec::subject
