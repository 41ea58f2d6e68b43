#include "conformance/engine/check/check_rows.h"

namespace grantspec::checks {
namespace {

template <const char* head>
void Head(Exchange& exchange) {
  exchange.responses[0].head = head;
}

constexpr char kRight[] = "HTTP/1.1 200 OK\r\nA: \tb\r\n\r\n",
               kNoReason[] = "HTTP/1.1 200 \r\n\r\n";
constexpr char kBareLf[] = "HTTP/1.1 200 OK\nA: b\r\n\r\n", kNoSpace[] = "HTTP/1.1 200\r\n\r\n";
constexpr char kBareCr[] = "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n";
constexpr char kControl[] = "HTTP/1.1 200 OK\r\nA: b\x01\r\n\r\n";

constexpr char kNoColon[] = "HTTP/1.1 200 OK\r\nA: b\r\nCache-Control\r\n\r\n";
constexpr char kSpaceBeforeColon[] = "HTTP/1.1 200 OK\r\nA : b\r\n\r\n";
constexpr char kNoName[] = "HTTP/1.1 200 OK\r\n: b\r\n\r\n";
constexpr char kBadName[] = "HTTP/1.1 200 OK\r\nA(B): b\r\n\r\n";
constexpr char kFolded[] = "HTTP/1.1 200 OK\r\nA: b,\r\n c\r\n\r\n";

TEST(ResponseHeadChecks, FindMalformedFieldLines) {
  const auto row = [](const char* finding, void (*change)(Exchange&)) {
    return CheckRow{"field_lines", 200, "", finding, {}, {.change = change}};
  };
  ExpectRows(
      std::span<const Check>(),
      {row(kSatisfied, Head<kRight>), row(kSatisfied, Head<kNoReason>),
       row("no colon in the line \"Cache-Control\"", Head<kNoColon>),
       row("white space before the colon of the line \"A : b\"", Head<kSpaceBeforeColon>),
       row("no header name: \"\"", Head<kNoName>), row("no header name: \"A(B)\"", Head<kBadName>),
       row("a folded header line", Head<kFolded>)});
}

TEST(ResponseHeadChecks, FindWhatTheBytesOfAHeadShow) {
  ExpectRows(
      std::span<const Check>(),
      {{"line_ends", 200, "", kSatisfied, {}, {.change = Head<kRight>}},
       {"line_ends",
        200,
        "",
        "a line of the head ends with a bare LF",
        {},
        {.change = Head<kBareLf>}},
       {"line_ends", 200, "", kNotApplicable},
       {"status_line", 200, "", kSatisfied, {}, {.change = Head<kNoReason>}},
       {"status_line",
        200,
        "",
        "no space after the status: \"HTTP/1.1 200\"",
        {},
        {.change = Head<kNoSpace>}},
       {"no_controls", 200, "", kSatisfied, {}, {.change = Head<kRight>}},
       {"no_controls", 200, "", "a bare CR in the head", {}, {.change = Head<kBareCr>}},
       {"no_controls", 200, "", "a control byte in the head", {}, {.change = Head<kControl>}}});
}

void ToHead(Exchange& exchange) {
  exchange.sent = "HEAD / HTTP/1.1\r\n\r\n";
}
void Raw(Exchange& exchange) {
  exchange.raw = true;
}
void FromOldClient(Exchange& exchange) {
  exchange.sent = "POST / HTTP/1.0\r\n\r\n";
}
void FromOldServer(Exchange& exchange) {
  exchange.responses[0].version = 10;
}

TEST(ResponseHeadChecks, FindWhatFramingShows) {
  ExpectRows(
      std::span<const Check>(),
      {{"one_length", 200, "", kSatisfied, {{"Content-Length", "0"}}},
       {"one_length", 204, "", kSatisfied},
       {"one_length", 204, "", "Content-Length in a 204", {{"Content-Length", "0"}}},
       {"one_length", 204, "", "Transfer-Encoding in a 204", {{"Transfer-Encoding", "chunked"}}},
       {"one_length",
        200,
        "",
        "Content-Length beside Transfer-Encoding",
        {{"Content-Length", "0"}, {"Transfer-Encoding", "chunked"}}},
       {"connection_options",
        200,
        "",
        kSatisfied,
        {{"Keep-Alive", "a"}, {"Connection", "keep-alive"}}},
       {"connection_options", 200, "", "Upgrade is not named in Connection", {{"Upgrade", "h2c"}}},
       {"same_version", 200, "", kSatisfied},
       {"same_version", 200, "", "HTTP/1.0 in response to HTTP/1.1", {}, {.change = FromOldServer}},
       {"same_version", 200, "", kNotApplicable, {}, {.change = Raw}},
       {"length_given", 200, "x", kSatisfied, {{"Transfer-Encoding", "chunked"}}},
       {"length_given", 200, "x", "the body has no length"},
       {"length_given", 200, "", kSatisfied},
       {"length_given", 204, "", kNotApplicable},
       {"length_given", 200, "x", kNotApplicable, {}, {.change = FromOldClient}},
       {"length_given", 200, "x", kNotApplicable, {}, {.change = FromOldServer}},
       {"content_type_present", 200, "x", kSatisfied, {{"Content-Type", "a/b"}}},
       {"content_type_present", 200, "x", "no Content-Type"},
       {"content_type_present", 200, "", kNotApplicable},
       {"error_explained", 404, "x", kSatisfied},
       {"error_explained", 404, "", "a client error without a body"},
       {"error_explained", 404, "", kNotApplicable, {}, {.change = ToHead}},
       {"error_explained", 400, "", kNotApplicable, {}, {.change = Raw}}});
}

TEST(ResponseHeadChecks, FindWhatIsWrongWithHeaders) {
  const char* date = "Sun, 06 Nov 1994 08:49:37 GMT";
  ExpectRows(
      std::span<const Check>(),
      {{"single_headers", 200, "", kSatisfied, {{"Vary", "a"}, {"Vary", "b"}, {"Date", "x"}}},
       {"single_headers", 200, "", "Date more than once", {{"Date", "x"}, {"date", "x"}}},
       {"date_form", 200, "", kSatisfied, {{"Date", date}, {"Expires", "0"}}},
       {"date_form", 200, "", kNotApplicable, {{"Expires", "-1"}}},
       {"date_form",
        200,
        "",
        "Expires is \"Sunday, 06-Nov-94 08:49:37 GMT\", as an IMF-fixdate "
        "\"Sun, 06 Nov 1994 08:49:37 GMT\"",
        {{"Expires", "Sunday, 06-Nov-94 08:49:37 GMT"}}},
       {"header_grammar", 200, "", kSatisfied, {{"Allow", ""}, {"Vary", "*"}}},
       {"header_grammar",
        200,
        "",
        kSatisfied,
        {{"Cache-Control", "no-store, private=\"a, b\", max-age=0"}}},
       {"header_grammar", 200, "", "Vary has the element \"\"", {{"Vary", "a,, b"}}},
       {"header_grammar", 200, "", "Allow has the element \"A B\"", {{"Allow", "A B"}}},
       {"header_grammar",
        200,
        "",
        "Cache-Control has the element \"max-age=\"0\"\"",
        {{"Cache-Control", "no-store, max-age=\"0\""}}},
       {"header_grammar", 200, "", "Content-Type is \"json\"", {{"Content-Type", "json"}}}});
}

}  // namespace
}  // namespace grantspec::checks
