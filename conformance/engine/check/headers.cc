// Checks of header fields: caching (RFC 9111), methods, dates, CORS (RFC 9110).

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "conformance/engine/check/finding.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/http_date.h"
#include "fixtures/grammar/media_type.h"
#include "fixtures/http/list_header.h"

namespace grantspec::checks {
namespace {

constexpr std::string_view kCacheControl = "Cache-Control";

// The value of a directive in a header that lists them, if it is present.
std::optional<std::string> Directive(const Response& response, std::string_view header,
                                     std::string_view name) {
  for (const std::string& element : ListElements(response.fields, header)) {
    const std::size_t equals = element.find('=');
    if (!EqualsFolded(std::string_view(element).substr(0, equals), name)) continue;
    return equals == std::string::npos ? std::string() : element.substr(equals + 1);
  }
  return std::nullopt;
}

std::string CacheControl(const Response& response) {
  std::string all;
  for (std::string_view value : response.fields.All("Cache-Control")) {
    all.append(all.empty() ? "" : ", ").append(value);
  }
  return all.empty() ? "Cache-Control is missing" : "Cache-Control is " + Quoted(all);
}

Finding NoStore(const CheckedResponse& a) {
  return Directive(a.response, kCacheControl, "no-store") ? Satisfied()
                                                          : Violated(CacheControl(a.response));
}

Finding NoStoreOnTokens(const CheckedResponse& a) {
  return IsTokenResponse(a) ? NoStore(a) : DoesNotApply();
}

Finding NoStoreOrMaxAge0(const CheckedResponse& a) {
  return Directive(a.response, kCacheControl, "max-age") == "0" ? Satisfied() : NoStore(a);
}

Finding Pragma(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  return Directive(a.response, "Pragma", "no-cache") ? Satisfied()
                                                     : Violated("no Pragma: no-cache");
}

Finding NoCacheContradiction(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  for (std::string_view name : {"public", "s-maxage", "must-understand"}) {
    if (Directive(a.response, kCacheControl, name)) return Violated(CacheControl(a.response));
  }
  const auto age = Directive(a.response, kCacheControl, "max-age");
  if (age && *age != "0" && *age != "\"0\"") return Violated(CacheControl(a.response));
  const auto expires = a.response.fields.First("Expires");
  const auto when = expires ? ParseHttpDate(*expires) : std::nullopt;
  if (when && *when > Now() + 60) return Violated("Expires is " + Quoted(*expires));
  return Satisfied();
}

// Responses to malformed HTTP come from the server, not from the endpoint.
bool ShouldHaveDate(const CheckedResponse& a) {
  return a.response.status >= 200 && a.response.status < 500 && !a.exchange.raw;
}

Finding DatePresent(const CheckedResponse& a) {
  if (!ShouldHaveDate(a)) return DoesNotApply();
  return a.response.fields.Has("Date") ? Satisfied() : Violated("no Date header");
}

Finding Date(const CheckedResponse& a) {
  const auto value = a.response.fields.First("Date");
  if (!ShouldHaveDate(a) || !value) return DoesNotApply();
  const auto when = ParseHttpDate(*value);
  if (!when) return Violated("Date is " + Quoted(*value));
  // No clause names a tolerance, and the clock that is wrong may be ours: an hour is tolerated.
  const std::int64_t skew = *when - Now();
  return skew > -3600 && skew < 3600 ? Satisfied()
                                     : Violated("Date is " + std::to_string(skew) + " s off");
}

// Any origin at all, and those that the cases invent: no list of a server names them.
constexpr std::string_view kForeignOrigins[] = {"*", "null", "https://a.invalid",
                                                "https://app.example"};

Finding Cors(const CheckedResponse& a) {
  const auto origin = a.response.fields.First("Access-Control-Allow-Origin");
  const auto credentials = a.response.fields.First("Access-Control-Allow-Credentials");
  if (!origin || !credentials || !EqualsFolded(*credentials, "true")) return Satisfied();
  if (std::find(std::begin(kForeignOrigins), std::end(kForeignOrigins), *origin) !=
      std::end(kForeignOrigins)) {
    return Violated("Access-Control-Allow-Origin " + Quoted(*origin) + " with credentials");
  }
  return Satisfied();
}

// Whether Allow lists a method; methods are case-sensitive (RFC 9110 section 9.1).
bool Allows(const Response& response, std::string_view method) {
  const std::vector<std::string> methods = ListElements(response.fields, "Allow");
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

Finding AllowOn405(const CheckedResponse& a) {
  const std::string method = a.exchange.sent.substr(0, a.exchange.sent.find(' '));
  // Web servers and gateways refuse these before they know the resource: the target of CONNECT is
  // another one (RFC 9110 section 9.3.6), and TRACE examines the chain of servers (9.3.8).
  const bool of_server = method == "TRACE" || method == "CONNECT";
  if (a.response.status != 405 || of_server) return DoesNotApply();
  if (!a.response.fields.Has("Allow")) return Violated("no Allow header");
  const bool own_path = a.from_token_endpoint || a.from_token_path;
  // A raw request may contain several.
  if (!a.exchange.raw && method != "POST" && Allows(a.response, method)) {
    return Violated("Allow lists " + method + ", which was refused");
  }
  if (!own_path || Allows(a.response, "POST")) return Satisfied();
  return Violated("Allow does not list POST: " + Quoted(*a.response.fields.First("Allow")));
}

Finding AllowIfSuccess(const CheckedResponse& a) {
  if (a.response.status >= 300) return DoesNotApply();
  return Allows(a.response, "POST") ? Satisfied() : Violated("no Allow with POST");
}

Finding RetryAfter(const CheckedResponse& a) {
  const auto value = a.response.fields.First("Retry-After");
  if (!value) return DoesNotApply();
  const bool seconds = !value->empty() && std::all_of(value->begin(), value->end(), IsDigit);
  return seconds || ParseHttpDate(*value) ? Satisfied()
                                          : Violated("Retry-After is " + Quoted(*value));
}

Finding NoInjectedField(const CheckedResponse& a) {
  for (const Field& line : a.response.fields.lines) {
    if (EqualsFolded(line.name, "Set-Cookie") && line.value.find("x=1") == 0) {
      return Violated("an injected header: " + line.name);
    }
    if (EqualsFolded(line.name, "X-Injected")) return Violated("an injected header: " + line.name);
  }
  return Satisfied();
}

Finding NotHtml(const CheckedResponse& a) {
  const auto& media = a.inspection.media_type;
  return media && media->subtype == "html" ? Violated("the body is HTML") : Satisfied();
}

Finding CodingDeclared(const CheckedResponse& a) {
  constexpr std::string_view kGzip = "\x1f\x8b";
  const auto coding = a.response.fields.First("Content-Encoding");
  if (a.response.content.starts_with(kGzip)) {
    return coding ? Satisfied()
                  : Violated("the body is compressed by gzip, and no Content-Encoding says so");
  }
  const bool said = coding && (EqualsFolded(*coding, "gzip") || EqualsFolded(*coding, "x-gzip"));
  return said && !a.response.content.empty()
             ? Violated("Content-Encoding is gzip, and the body is not compressed")
             : Satisfied();
}

Finding Hsts(const CheckedResponse& a) {
  if (!a.exchange.url.starts_with("https://")) return DoesNotApply();
  if (!a.response.fields.Has("Strict-Transport-Security")) {
    return Violated("no Strict-Transport-Security");
  }
  const auto nosniff = a.response.fields.First("X-Content-Type-Options");
  return nosniff && EqualsFolded(*nosniff, "nosniff") ? Satisfied()
                                                      : Violated("no X-Content-Type-Options");
}

constexpr Check kHeaderChecks[] = {
    {"no_store", "Cache-Control: no-store", NoStore},
    {"no_store_on_tokens", "Cache-Control: no-store with each token", NoStoreOnTokens},
    {"no_store_or_max_age_0", "no-store or max-age=0", NoStoreOrMaxAge0},
    {"pragma", "Pragma: no-cache", Pragma},
    {"no_cache_contradiction", "no directive that lets a cache store a token",
     NoCacheContradiction},
    {"date_present", "a Date header", DatePresent},
    {"date", "a valid Date, less than an hour off", Date},
    {"cors", "no CORS with credentials for any origin", Cors},
    {"allow_on_405", "Allow on a 405, listing POST", AllowOn405},
    {"allow_if_success", "Allow lists POST", AllowIfSuccess},
    {"retry_after", "Retry-After is seconds or a date", RetryAfter},
    {"no_injected_field", "no header that the request injected", NoInjectedField},
    {"not_html", "no HTML", NotHtml},
    {"coding_declared", "Content-Encoding where the body is compressed, and only there",
     CodingDeclared},
    {"hsts", "Strict-Transport-Security and nosniff over https", Hsts},
};

}  // namespace

std::span<const Check> HeaderChecks() {
  return kHeaderChecks;
}

}  // namespace grantspec::checks
