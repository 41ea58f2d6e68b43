#include "conformance/engine/check/check_rows.h"

namespace grantspec::checks {
namespace {

void AcceptsGzip(Exchange& exchange) {
  exchange.sent = "POST / HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n";
}

TEST(JsonChecks, FindWhatIsNoCleanJson) {
  const std::string error = R"({"error":"a"})";
  const std::vector<Field> json = {{"Content-Type", "Application/JSON"}};
  const std::vector<Field> in_gzip = {{"Content-Type", "application/json"},
                                      {"Content-Encoding", "gzip"}};
  ExpectRows(JsonChecks(),
             {{"content_type_json", 400, error, kSatisfied, json},
              {"content_type_json", 400, error, "Content-Type is missing"},
              {"content_type_json",
               400,
               error,
               "Content-Type is \"text/json\"",
               {{"Content-Type", "text/json"}}},
              {"content_type_json", 200, kToken, "Content-Type is missing"},
              {"content_type_json", 400, "{}", kNotApplicable},
              {"content_type_json", 400, error, kNotApplicable, {}, {.elsewhere = true}},
              {"strict_json", 400, error, kSatisfied},
              {"strict_json", 400, R"({"error":"a","error":"b"})", kSatisfied},
              {"strict_json", 400, "[]", kSatisfied, json},
              {"strict_json", 400, "text", kNotApplicable},
              {"strict_json", 400, "", kNotApplicable, json},
              {"strict_json", 400, error + " x",
               std::string(ToString(ParseJsonObject(error + " x").error()))},
              {"unique_names", 400, error, kSatisfied},
              {"unique_names", 400, R"({"error":"a","error":"b"})",
               std::string(ToString(JsonError::kDuplicateName))},
              {"top_level_object", 400, error, kSatisfied},
              {"top_level_object", 400, "[]", std::string(ToString(JsonError::kNotObject)), json},
              {"top_level_object", 400, "[]", kNotApplicable},
              {"utf8", 400, error, kSatisfied},
              {"utf8", 400, "{\"error\":\"\xE4\"}", "the body is not UTF-8"},
              {"utf8", 400, "{\"error\":\"\xE4\"}", kNotApplicable, {}, {.elsewhere = true}},
              {"utf8", 400, "\x1f\x8b", "the body is not UTF-8", in_gzip},
              {"utf8", 400, "\x1f\x8b", kNotApplicable, in_gzip, {.change = AcceptsGzip}},
              {"no_bom", 400, error, kSatisfied},
              {"no_bom", 400, "\xEF\xBB\xBF{}", "the body starts with a byte order mark"},
              {"no_nulls", 400, R"({"other":null})", kSatisfied},
              {"no_nulls", 400, R"({"error_uri":null})", "error_uri is null"},
              {"no_nulls", 200, R"({"scope":null})", "scope is null"},
              {"no_nulls", 400, "text", kNotApplicable},
              {"member_names", 200, R"({"a.B-c_9":1})", kSatisfied},
              {"member_names", 400, R"({"a b":1})", "a member \"a b\""},
              {"member_names", 400, R"({"":1})", "a member \"\""},
              {"member_names", 400, "[]", kNotApplicable},
              {"json_charset", 400, error, kSatisfied, json},
              {"json_charset",
               400,
               error,
               kSatisfied,
               {{"Content-Type", "application/json;charset=UTF-8"}}},
              {"json_charset",
               400,
               error,
               "charset is \"latin1\"",
               {{"Content-Type", "application/json;charset=latin1"}}},
              {"json_charset", 400, error, kNotApplicable}});
}

}  // namespace
}  // namespace grantspec::checks
