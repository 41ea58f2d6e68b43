// Checks of what every response keeps: the bytes, framing and grammar of its head (RFC 9110, 9112).

#include <algorithm>
#include <vector>

#include "conformance/engine/check/finding.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/http_date.h"
#include "fixtures/grammar/media_type.h"
#include "fixtures/text/edit.h"

namespace grantspec::checks {
namespace {

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTchar);
}

std::string_view RequestLineOf(const Exchange& exchange) {
  return std::string_view(exchange.sent).substr(0, exchange.sent.find('\r'));
}

bool IsMethod(const Exchange& exchange, std::string_view method) {
  return exchange.sent.starts_with(std::string(method) + " ");
}

Finding LineEnds(const CheckedResponse& a) {
  const std::string& head = a.response.head;
  if (head.empty()) return DoesNotApply();
  for (std::size_t at = head.find('\n'); at != std::string::npos; at = head.find('\n', at + 1)) {
    if (at == 0 || head[at - 1] != '\r') return Violated("a line of the head ends with a bare LF");
  }
  return Satisfied();
}

// RFC 9112 section 4: the space stays where the reason phrase is empty.
Finding StatusLine(const CheckedResponse& a) {
  const std::string& head = a.response.head;
  if (head.empty()) return DoesNotApply();
  const std::string line = head.substr(0, head.find_first_of("\r\n"));
  return line.size() > 12 ? Satisfied() : Violated("no space after the status: " + Quoted(line));
}

Finding NoControls(const CheckedResponse& a) {
  const std::string& head = a.response.head;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (!IsControl(head[i]) || head[i] == '\t' || head[i] == '\n') continue;
    if (head[i] != '\r') return Violated("a control byte in the head");
    if (i + 1 == head.size() || head[i + 1] != '\n') return Violated("a bare CR in the head");
  }
  return head.empty() ? DoesNotApply() : Satisfied();
}

// RFC 9112 sections 5.1 and 5.2: each line is a name, its colon and a value, and no line is folded.
Finding FieldLines(const CheckedResponse& a) {
  std::string_view rest = a.response.head;
  if (rest.empty()) return DoesNotApply();
  NextLine(rest);  // the status
  while (!rest.empty()) {
    const std::string_view line = NextLine(rest);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') return Violated("a folded header line");
    const std::string_view name = line.substr(0, line.find(':'));
    if (name.size() == line.size()) return Violated("no colon in the line " + Quoted(line));
    if (name.ends_with(' ') || name.ends_with('\t')) {
      return Violated("white space before the colon of the line " + Quoted(line));
    }
    if (name.empty() || !std::all_of(name.begin(), name.end(), IsTchar)) {
      return Violated("no header name: " + Quoted(name));
    }
  }
  return Satisfied();
}

Finding OneLength(const CheckedResponse& a) {
  const bool length = a.response.fields.Has("Content-Length");
  const bool coding = a.response.fields.Has("Transfer-Encoding");
  const int status = a.response.status;
  if (length && coding) return Violated("Content-Length beside Transfer-Encoding");
  if ((status < 200 || status == 204) && (length || coding)) {
    return Violated((length ? "Content-Length" : "Transfer-Encoding") + std::string(" in a ") +
                    std::to_string(status));
  }
  return Satisfied();
}

// Headers that are no list and say something different each time.
constexpr std::string_view kSingle[] = {"Access-Control-Allow-Origin",
                                        "Age",
                                        "Content-Length",
                                        "Content-Range",
                                        "Content-Type",
                                        "Date",
                                        "ETag",
                                        "Expires",
                                        "Last-Modified",
                                        "Location",
                                        "Retry-After",
                                        "Server"};

Finding SingleHeaders(const CheckedResponse& a) {
  for (std::string_view name : kSingle) {
    if (a.response.fields.All(name).size() > 1) {
      return Violated(std::string(name) + " more than once");
    }
  }
  return Satisfied();
}

// RFC 9110 section 5.6.7: of the three forms, only IMF-fixdate is generated. An Expires that is no
// date at all means "expired" (RFC 9111 section 5.3) and is common.
Finding DateForm(const CheckedResponse& a) {
  bool any = false;
  for (std::string_view name : {"Date", "Expires", "Last-Modified", "Retry-After"}) {
    const auto value = a.response.fields.First(name);
    const auto when = value ? ParseHttpDate(*value) : std::nullopt;
    if (!when) continue;
    any = true;
    if (FormatHttpDate(*when) != *value) {
      return Violated(std::string(name) + " is " + Quoted(*value) + ", as an IMF-fixdate " +
                      Quoted(FormatHttpDate(*when)));
    }
  }
  return any ? Satisfied() : DoesNotApply();
}

bool IsDirective(std::string_view element) {
  const std::size_t equals = element.find('=');
  const std::string_view name = element.substr(0, equals);
  if (equals == std::string_view::npos) return IsToken(name);
  const std::string_view value = element.substr(equals + 1);
  if (EqualsFolded(name, "max-age") || EqualsFolded(name, "s-maxage")) {
    return !value.empty() && std::all_of(value.begin(), value.end(), IsDigit);
  }
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return IsToken(name) && (quoted || IsToken(value));
}

struct ListHeader {
  std::string_view name;
  bool (*is_element)(std::string_view element);
};

constexpr ListHeader kLists[] = {
    {"Allow", IsToken}, {"Cache-Control", IsDirective}, {"Connection", IsToken}, {"Vary", IsToken}};

// RFC 9110 sections 5.6.1.1, 8.3, 9.2; RFC 9111 section 5.2.
Finding HeaderGrammar(const CheckedResponse& a) {
  for (const ListHeader& list : kLists) {
    const std::vector<std::string> elements = ListElements(a.response.fields, list.name);
    const bool empty_list = elements.size() == 1 && elements.front().empty();
    for (const std::string& element : elements) {
      if (empty_list || list.is_element(element)) continue;
      return Violated(std::string(list.name) + " has the element " + Quoted(element));
    }
  }
  const auto type = a.response.fields.First("Content-Type");
  return !type || ParseMediaType(*type) ? Satisfied()
                                        : Violated("Content-Type is " + Quoted(*type));
}

// RFC 9110 section 7.6.1: what is meant for this connection alone is named in Connection.
Finding ConnectionOptions(const CheckedResponse& a) {
  for (std::string_view name : {"Keep-Alive", "Upgrade"}) {
    if (a.response.fields.Has(name) && !HasListElement(a.response.fields, "Connection", name)) {
      return Violated(std::string(name) + " is not named in Connection");
    }
  }
  return Satisfied();
}

Finding SameVersion(const CheckedResponse& a) {
  if (a.exchange.raw || !RequestLineOf(a.exchange).ends_with(" HTTP/1.1")) return DoesNotApply();
  return a.response.version == 11 ? Satisfied() : Violated("HTTP/1.0 in response to HTTP/1.1");
}

// RFC 9112 section 6.3: without a length, nobody can tell an end from a connection that broke.
Finding LengthGiven(const CheckedResponse& a) {
  const int status = a.response.status;
  const bool no_content = status < 200 || status == 204 || status == 304;
  // Before HTTP/1.1 there are no chunks: a body whose length is not known ends by a close.
  const std::string_view line = RequestLineOf(a.exchange);
  const bool has_version = line.empty() || line.find(" HTTP/") != std::string_view::npos;
  const bool old = line.ends_with(" HTTP/1.0") || !has_version;
  if (no_content || old || a.response.version != 11 || IsMethod(a.exchange, "CONNECT")) {
    return DoesNotApply();
  }
  const bool given =
      a.response.fields.Has("Content-Length") || a.response.fields.Has("Transfer-Encoding");
  return given || a.response.content.empty() ? Satisfied() : Violated("the body has no length");
}

Finding ContentTypePresent(const CheckedResponse& a) {
  if (a.response.content.empty()) return DoesNotApply();
  return a.response.fields.Has("Content-Type") ? Satisfied() : Violated("no Content-Type");
}

// RFC 9110 section 15.5: a client error is explained, but for HEAD.
Finding ErrorExplained(const CheckedResponse& a) {
  const bool is_client_error = a.response.status >= 400 && a.response.status < 500;
  if (!is_client_error || a.exchange.raw || IsMethod(a.exchange, "HEAD")) return DoesNotApply();
  return a.response.content.empty() ? Violated("a client error without a body") : Satisfied();
}

constexpr Check kResponseHeadChecks[] = {
    {"line_ends", "each line of the head ends with CRLF", LineEnds},
    {"status_line", "a space after the status", StatusLine},
    {"no_controls", "no bare CR and no control byte in the head", NoControls},
    {"field_lines", "each header line is a name, its colon and a value", FieldLines},
    {"one_length", "no Content-Length beside Transfer-Encoding, and neither in a 204", OneLength},
    {"single_headers", "a header that is no list comes once", SingleHeaders},
    {"date_form", "dates are IMF-fixdates", DateForm},
    {"header_grammar", "headers fit their grammar", HeaderGrammar},
    {"connection_options", "Keep-Alive and Upgrade are named in Connection", ConnectionOptions},
    {"same_version", "a response in the version of the request", SameVersion},
    {"length_given", "a body with Content-Length or in chunks", LengthGiven},
    {"content_type_present", "Content-Type with each body", ContentTypePresent},
    {"error_explained", "a body with each client error", ErrorExplained},
};

}  // namespace

std::span<const Check> ResponseHeadChecks() {
  return kResponseHeadChecks;
}

}  // namespace grantspec::checks
