// Folds, the search for spellings, and what is shown of responses.

#include "conformance/engine/secrets/redact.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "conformance/engine/record/text.h"
#include "conformance/engine/response/response_summary.h"
#include "conformance/engine/secrets/fold.h"
#include "conformance/engine/secrets/named_token.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/jose/digest.h"

namespace grantspec {
namespace {

struct FoldRow {
  FoldedText (*fold)(const FoldedText&);
  std::string_view from, to;
};

TEST(Fold, Examples) {
  const FoldRow rows[] = {
      {Unescaped, "a%2541", "a%41"},
      {Unescaped, "%u0041%4", "A%4"},
      {Unescaped, R"(\u0041\x42\103\/\"\U00000044\u{45})", "ABC/\"DE"},
      {Unescaped, R"(\uD83D\uDE00)", "\xF0\x9F\x98\x80"},
      {Unescaped, "&#65;&#x42;&amp;&#67&lt;", "AB&C<"},
      {Unescaped, "a&number=1&#;&nope;", "a&number=1&#;&nope;"},
      {UnquotedPrintable, "=41=\r\nB=\nC= D=", "ABCD="},
      {WithoutSoftBreaks, "=41=\r\nB=\nC= D=", "=41BCD="},
      {Letters, "G\xC3\xA4'' x\r\n\tY", "gaxy"},
      {Letters, "e\xCC\x81 \xE9 \xC3\xA9 \xC3\x89", "eeee"},
      {Letters, "a<br/>b\xC2\xA0\xE2\x80\x8B c<wbr>d", "abcd"},
      {AsciiLetters, "p\xC3\xA4ss p?ss p\x61\xCC\x88ss", "p?ssp?ssp?ss"},
      {Base64Symbols, "a-b_C+/=\n", "a+b/c+/"},
      {HexDigits, "0x67, 0X58:1f", "67581f"},
      {Numbers, "[103, 088]", ",103,88,"},
  };
  for (const FoldRow& row : rows) {
    const FoldedText folded = row.fold(Unfolded(row.from));
    EXPECT_EQ(folded.text, row.to) << row.from;
    ASSERT_EQ(folded.begin.size(), folded.text.size());
    ASSERT_EQ(folded.end.size(), folded.text.size());
    for (std::size_t i = 0; i < folded.text.size(); ++i) {
      EXPECT_LE(folded.begin[i], folded.end[i]);
      EXPECT_LE(folded.end[i], row.from.size());
    }
  }
}

TEST(Fold, KeepsPlacesThroughLayers) {
  const FoldedText folded = Letters(Unescaped(Unescaped(Unfolded("x%2541&amp;#66;"))));
  ASSERT_EQ(folded.text, "xab");
  EXPECT_EQ(folded.begin[1], 1U);
  EXPECT_EQ(folded.end[1], 6U);
  EXPECT_EQ(folded.begin[2], 6U);
  EXPECT_EQ(folded.end[2], 15U);
}

Profile ProfileWith(const std::string& id, const std::string& secret) {
  Profile profile = *BuiltInProfile("rfc6749");
  profile.clients["main"] = {id, secret, {}};
  return profile;
}

TEST(Redactor, ReplacesTheWholeStretch) {
  const Redactor redactor(ProfileWith("id", "gX1fBat3bV"));
  const std::string_view spellings[] = {
      "gX1fBat3bV",
      "GX1FBAT3BV",
      "%67%58%31%66%42%61%74%33%62%56",
      "gX1f%2542at3bV",
      R"(\u0067X1fBat3bV)",

      "g X 1 f B a t 3 b V",
      "gX1f\r\n Bat3bV",
      "gX1f&#66;at3bV",
      "&#x67;X1fBat3bV",
      "67583166426174336256",
      "67 58 31 66 42 61 74 33 62 56",
      R"(\x67\x58\x31\x66\x42\x61\x74\x33\x62\x56)",
      "0x67,0x58,0x31,0x66,0x42,0x61,0x74,0x33,0x62,0x56",
      "[103,88,49,102,66,97,116,51,98,86]",
      "103 88 49 102 66 97 116 51 98 86",
      "147 130 061 146 102 141 164 063 142 126",
      "Z1gxZkJhdDNiVg",
      "gX1f''Bat3bV",
      "gX1fBat3",
      "gX1fBat3bV",
      "=67=58=31=66=42=61=74=33=62=56",
      "gX1f<wbr>Bat3bV",
  };
  for (std::string_view spelling : spellings) {
    const std::string clean = redactor.Clean("before|" + std::string(spelling) + "|after");
    EXPECT_TRUE(clean.starts_with("before|")) << clean;
    EXPECT_TRUE(clean.ends_with("|after")) << clean;
    EXPECT_NE(clean.find("[secret]"), std::string::npos) << spelling << " became " << clean;
    EXPECT_LE(clean.size(), 25U) << spelling << " became " << clean;
  }
}

TEST(Redactor, FindsDigestsOfSecrets) {
  const Profile profile = ProfileWith("partner", "s3cret-value");
  const Redactor redactor(profile);
  const SpellingIndex secrets = DistinctiveSecrets(profile);
  for (const DigestAlgorithm algorithm :
       {DigestAlgorithm::kMd5, DigestAlgorithm::kSha1, DigestAlgorithm::kSha256}) {
    const std::string hex = HexDigest("s3cret-value", algorithm);
    const std::string base64 = EncodeBase64(Digest("s3cret-value", algorithm));
    for (const std::string& text : {hex, "0x" + hex, "{SHA}" + base64}) {
      EXPECT_TRUE(Spells("expected " + text, secrets)) << text;
      EXPECT_EQ(redactor.Clean("x=" + text).find(text.substr(5)), std::string::npos) << text;
    }
    EXPECT_FALSE(Spells(HexDigest("s3cret-valuf", algorithm), secrets));
  }
}

TEST(Redactor, FindsBase64OfPairsAndOfEncodings) {
  const std::string secret = "p w%2F:x&=long";
  const Redactor redactor(ProfileWith("s6BhdRkqt3", secret));
  const std::string pair = "s6BhdRkqt3:" + secret;
  for (const std::string& text :
       {EncodeBase64(pair), EncodeBase64("a" + secret), EncodeBase64("ab" + secret + "tail"),
        EncodeBase64(EncodeBase64(pair)), EncodeBase64Url("x" + EncodeBase64Url(secret)),
        EncodeBase64("s6BhdRkqt3:p+w%252F%3Ax%26%3Dlong"), std::string("p+w%252F%3Ax%26%3Dlong"),
        std::string("p w/:x&=long")}) {
    EXPECT_NE(redactor.Clean("<" + text + ">").find("[secret]"), std::string::npos) << text;
  }
}

TEST(Redactor, FindsEachWritingOfMarkedLetters) {
  const Redactor redactor(ProfileWith("id", "p\xC3\xA4ssw\xC3\xB6rt-lang"));
  for (const char* text :
       {"p\xC3\xA4ssw\xC3\xB6rt-lang", "pa\xCC\x88sswo\xCC\x88rt-lang", "p\xE4ssw\xF6rt-lang",
        "p%E4ssw%F6rt-lang", "p&auml;ssw&ouml;rt-lang", R"(p\u00e4ssw\u00f6rt-lang)",
        "p?ssw?rt-lang", "p\xC3\x83\xC2\xA4ssw\xC3\x83\xC2\xB6rt-lang"}) {
    EXPECT_EQ(redactor.Clean(text), "[secret]") << text;
  }
}

TEST(Redactor, JoinsLinesOfValuesThatBeginLikeQuotedPrintable) {
  const Redactor redactor(ProfileWith("id", "9CGqzYTeFPCp6A7KhvrrOkpd95Uo"));
  EXPECT_EQ(redactor.Clean("sid=9CGqz=\nYTeFP=\nCp6A7=\nKhvrr=\nOkpd9=\n5Uo; Path=/"),
            "sid=[secret]; Path=/");
}

TEST(Redactor, LeavesInnocentTextAlone) {
  const Redactor redactor(ProfileWith("client", "password-of-production"));
  for (const char* text :
       {"invalid password", "grant_type=client_credentials&scope=read",
        R"({"error":"invalid_client","error_description":"no such client"})",
        "The client is not allowed to use the refresh_token grant_type.",
        "{\"token_type\":\"Bearer\",\"token_endpoint\":\"https://x.example/token\"}",
        "67 58 31 66 42 61 74 33 62 56 00", "WWW-Authenticate: Basic realm=\"x\"",
        "error=\"invalid_token\", error_description=\"The token expired\""}) {
    const std::string clean = redactor.Clean(text);
    EXPECT_EQ(clean, text);
  }
}

TEST(Redactor, ShortSecretsAndWordsAreReplacedAsWholeWords) {
  const Redactor word(ProfileWith("id", "client"));
  EXPECT_EQ(word.Clean(R"({"error":"invalid_client","x":"bad client."})"),
            R"({"error":"invalid_client","x":"bad [secret]."})");
  EXPECT_EQ(word.Clean("client_credentials clients %63lient"),
            "client_credentials clients [secret]");
  EXPECT_EQ(word.Clean("400 client", Origin::kOurs), "400 client");
  EXPECT_EQ(word.Clean(EncodeBase64("id:client")), "[secret]");
  const Redactor longer(ProfileWith("id", "client_credentials"));
  EXPECT_EQ(longer.Clean("grant_type=client_credentials", Origin::kOurs),
            "grant_type=client_credentials");
  EXPECT_EQ(Redactor(ProfileWith("id", "q7#")).Clean("a q7# b"), "a [secret] b");
  EXPECT_EQ(RedactionWarnings(ProfileWith("id", "client")).size(), 1U);
  EXPECT_EQ(RedactionWarnings(ProfileWith("id", "client_credentials")).size(), 1U);
  EXPECT_TRUE(RedactionWarnings(ProfileWith("id", "gX1fBat3bV")).empty());
  EXPECT_TRUE(RedactionWarnings(ProfileWith("id", "")).empty());
}

TEST(Redactor, HeadersOfTheUserAreSecrets) {
  using List = std::vector<std::string>;
  EXPECT_EQ(HeaderSecrets({"Authorization: Bearer xyz"}), (List{"Bearer xyz", "xyz"}));
  EXPECT_EQ(HeaderSecrets({"X-Api-Key:abc", "Accept: text/html", "nonsense", "X-Empty:"}),
            (List{"abc"}));
  EXPECT_EQ(HeaderSecrets({"Cookie: a=one; b=two"}), (List{"a=one; b=two", "one", "two"}));
  EXPECT_EQ(HeaderSecrets({"Authorization: Basic YTpi"}), (List{"Basic YTpi", "YTpi", "a:b", "b"}));
  Profile profile = ProfileWith("id", "gX1fBat3bV");
  profile.extra_secrets = HeaderSecrets({"X-Key: Bearer hunter2hunter2"});
  EXPECT_EQ(Redactor(profile).Clean("got hunter2hunter2"), "got [secret]");
}

TEST(Redactor, CleansLongTextsAcrossWindows) {
  const Redactor redactor(ProfileWith("id", "gX1fBat3bV"));
  std::string text(200'000, '.');
  for (std::size_t at : {0UL, 65'530UL, 57'340UL, 114'680UL, 199'990UL}) {
    text.replace(at, 10, "gX1fBat3bV");
  }
  const std::string clean = redactor.Clean(text);
  EXPECT_EQ(clean.size(), 200'000U - 5 * 2);
  EXPECT_EQ(clean.find("gX1f"), std::string::npos);
}

TEST(NamedTokens, NeedTheSeparatorOfAFormat) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"access_token":"abc"})", "abc"},
      {R"({"accessToken" : "a\"c"})", R"(a\"c)"},
      {R"({\"id_token\":\"abc\",\"x\":1})", "abc"},
      {R"({'refresh_token':'abc'})", "abc"},
      {R"({"data":{"token":["abc"]}})", "abc"},
      {R"({"token":1234567890})", "1234567890"},
      {"https://x/cb#access_token=abc&a=b", "abc"},
      {"token=abc", "abc"},
      {"<access_token>abc</access_token>", "abc"},
      {"<ns:accessToken type=\"x\"> abc</ns:accessToken>", "abc"},
      {"<t><Token><![CDATA[abc]]></Token></t>", "abc"},
      {"<input name=\"csrf_token\" value=\"abc\">", "abc"},
      {"access_token: 8xLOxBtZp8vqDWZ3\nx: y", "8xLOxBtZp8vqDWZ3"},
      {"{access_token: 'abc'}", "abc"},
      {"not allowed to use the refresh_token grant_type", nullptr},
      {"refresh_token: grant_type", nullptr},
      {"\"token_type\":\"Bearer\"", nullptr},
      {"the access_token \"abc\" is bad", nullptr},
      {"access_token", nullptr},
      {"\"access_token\":", nullptr},
  };
  for (const auto& [text, value] : rows) {
    const auto found = FindNamedTokens(text);
    ASSERT_EQ(found.size(), value == nullptr ? 0U : 1U) << text;
    if (value == nullptr) continue;
    EXPECT_EQ(std::string_view(text).substr(found[0].begin, found[0].end - found[0].begin), value);
  }
}

TEST(IssuedTokens, AreFoundInEachSpellingAndNotLearnedFromProse) {
  IssuedTokens tokens;
  tokens.LearnNamed("not allowed to use the refresh_token grant_type");
  tokens.LearnNamed(R"({"error_description":"access_token=invalid_client"})");
  EXPECT_TRUE(tokens.index().empty());
  const std::string token = "8xLOxBtZp8vqDWZ3lFsf-Lk_a2dPUb3CkF7sTtqHwXM";
  tokens.LearnNamed("https://x/#access_token=" + token + "&x=y");
  const std::string hex = "38784c4f7842745a70387671445a57336c4673662d4c6b5f6132645055623343";
  for (const std::string& text :
       {token, EncodeBase64("ab" + token), hex, token.substr(0, 12), token.substr(0, 20) + "...",
        token.substr(0, 10) + "\n" + token.substr(10), token + "suffix"}) {
    EXPECT_EQ(CleanOf("<" + text + ">", {&tokens.index()}, Origin::kOurs).find("LOxB"),
              std::string::npos)
        << text;
    EXPECT_NE(CleanOf("<" + text + ">", {&tokens.index()}, Origin::kOurs).find("[token]"),
              std::string::npos)
        << text;
  }
}

TEST(IssuedTokens, ShapesAreNoPartsOfTheUrl) {
  const std::string url = "http://127.0.0.1:41127/billing/oauth2/token";
  IssuedTokens tokens;
  tokens.LearnShapes(R"({"token_endpoint": "http://127.0.0.1:41127/billing/oauth2/token"})", url);
  const std::string command = "curl '" + url + "'";
  EXPECT_EQ(CleanOf(command, {&tokens.index()}, Origin::kOurs), command);
  for (const char* text : {"http://other.example/127.0.0.1:41127",
                           "127.0.0.1:41127/billing/%6fauth2", "41127/billing/oauth2/other"}) {
    tokens.LearnShapes(text, url);
    EXPECT_TRUE(tokens.index().empty()) << text;
  }
  tokens.LearnShapes("127.0.0.1:41127/billing/8xLOxBtZp8vqDWZ3", url);
  EXPECT_EQ(CleanOf("8xLOxBtZp8vqDWZ3", {&tokens.index()}, Origin::kOurs), "[token]");
  EXPECT_EQ(CleanOf(command, {&tokens.index()}, Origin::kOurs), command);
}

TEST(IssuedTokens, AreManyAndAlike) {
  IssuedTokens tokens;
  const auto token = [](int i) { return "tok-2031-" + std::to_string(1'000'000 + i) + "-zz"; };
  for (int i = 0; i < 20'000; ++i) tokens.Learn(token(i), true);
  EXPECT_FALSE(tokens.overflowed());
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += token(i) + "\n";
  EXPECT_EQ(CleanOf(text, {&tokens.index()}, Origin::kOurs).find("tok-"), std::string::npos);
  tokens.Learn("one-more-than-fits", true);
  EXPECT_TRUE(tokens.overflowed());
}

Response Of(int status, std::string_view type, std::string content) {
  Response response;
  response.status = status;
  if (!type.empty()) response.fields.Add("Content-Type", type);
  response.content = std::move(content);
  return response;
}

TEST(Summary, ShowsShapesAndNoValues) {
  const Response renamed = Of(200, "application/json; charset=x",
                              R"({"accessToken":"v4lue","expires_in":3600,"eyJhbGciOiJ9":{}})");
  EXPECT_TRUE(IsUnreadableSuccess(renamed));
  EXPECT_EQ(SummaryOf(renamed),
            "59 bytes of application/json, a JSON object: accessToken (string of 5 bytes), "
            "expires_in (number) and 1 more");
  EXPECT_EQ(SummaryOf(Of(200, "", "8xLOxBtZp8vqDWZ3")),
            "16 bytes without a media type, no JSON object");
  EXPECT_FALSE(IsUnreadableSuccess(Of(200, "", R"({"access_token":"x"})")));
  EXPECT_FALSE(IsUnreadableSuccess(Of(400, "", "x")));
  EXPECT_TRUE(IsUnreadableSuccess(Of(204, "", "")));
  for (const char* content :
       {R"({"access_token":""})", R"({"access_token":["v4lue"]})", R"(["v4lue"])", "v4lue",
        "<token>v4lue</token>", "access_token=v4lue", R"({"8xLOxBtZp8vqDWZ3v4lue":1})"}) {
    const Response response = Of(200, "text/v4lue8xLOxBtZp8", content);
    EXPECT_TRUE(IsUnreadableSuccess(response)) << content;
    EXPECT_EQ(SummaryOf(response).find("v4lue"), std::string::npos) << SummaryOf(response);
  }
  EXPECT_EQ(SummaryOfReason("OK"), "OK");
  EXPECT_EQ(SummaryOfReason("v4lue"), "(reason of 5 bytes)");
}

TEST(Summary, HeaderFieldsShowWhatHttpDefines) {
  using Shown = std::pair<std::string, std::string>;
  EXPECT_EQ(SummaryOf(Field{"Cache-Control", "no-store, max-age=0"}),
            Shown("Cache-Control", "no-store, max-age=0"));
  EXPECT_EQ(SummaryOf(Field{"X-Thing", "v4lue"}), Shown("X-Thing", "(5 bytes)"));
  EXPECT_EQ(SummaryOf(Field{"Location", "/#access_token=v4lue"}), Shown("Location", "(20 bytes)"));
  EXPECT_EQ(SummaryOf(Field{"8xLOxBtZp8vqDWZ3", "x"}), Shown("(name of 16 bytes)", "(1 byte)"));
  EXPECT_EQ(WithoutCredentials({"Set-Cookie", "sid=v4lue; Path=/"}),
            Shown("Set-Cookie", "sid=(5 bytes); (attributes)"));
  EXPECT_EQ(WithoutCredentials({"Location", "https://x/cb?t=8xLOxBtZp8vqDWZ3&a=b"}),
            Shown("Location", "https://x/cb?t=[token]&a=b"));
  EXPECT_EQ(WithoutCredentials({"X-Auth-Token", "v4lue"}), Shown("X-Auth-Token", "[token]"));
  EXPECT_EQ(WithoutCredentials({"Server", "nginx"}), Shown("Server", "nginx"));
}

// Whether a line begins with "::" once all is left out that a reader may take for white space.
bool HasCommand(std::string_view text) {
  bool starts = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (starts && text.substr(at, 2) == "::") return true;
    if (text[at] > ' ' && text[at] < '\x7f') starts = false;
    if (text[at] == '\n') starts = true;
  }
  return false;
}

TEST(Text, HoldsNoCommandsAfterAnyWhiteSpace) {
  for (const char* space : {"",
                            " ",
                            "\t",
                            "\v",
                            "\f",
                            "\n",
                            "\r",
                            "\xC2\x85",
                            "\xC2\xA0",
                            "\xE1\x9A\x80",
                            "\xE1\xA0\x8E",
                            "\xE2\x80\x80",
                            "\xE2\x80\x83",
                            "\xE2\x80\x8A",
                            "\xE2\x80\x8B",
                            "\xE2\x80\xA8",
                            "\xE2\x80\xA9",
                            "\xE2\x80\xAF",
                            "\xE2\x81\x9F",
                            "\xE3\x80\x80",
                            "\xEF\xBB\xBF",
                            "\xC2\xAD",
                            "\xE2\x81\xA0",
                            " \xC2\xA0 "}) {
    const std::string text = std::string(space) + "::error::x";
    EXPECT_TRUE(HasCommand(text));
    EXPECT_FALSE(HasCommand(Printable(text, true))) << space;
    EXPECT_FALSE(HasCommand(Printable("line\n" + text, true))) << space;
    EXPECT_FALSE(HasCommand(Wrapped(Printable("aaaa bbbb " + text), 6, "  "))) << space;
  }
  EXPECT_EQ(Printable("std::string a::b"), "std::string a::b");
  EXPECT_EQ(Printable("##VSO[x]"), "##VSO\\x5bx]");
}

TEST(Redactor, FindsEverySpelling) {
  Profile profile = *BuiltInProfile("rfc6749");
  profile.clients["main"] = {"s6BhdRkqt3", "p w%2F:x&=", {}};
  const Redactor redactor(profile);
  const std::string secret = "p w%2F:x&=";
  for (const std::string& text :
       {secret, EncodeBase64("s6BhdRkqt3:" + secret), EncodeBase64("a:" + secret),
        EncodeBase64("ab:" + secret + "tail"), EncodeBase64("abc:" + secret),
        std::string("p%20w%252F%3Ax%26%3D"), std::string("p+w%252F%3Ax%26%3D"),
        std::string("p+w%252f%3ax%26%3d"), std::string("7020772532463a78263d")}) {
    const std::string clean = redactor.Clean("<" + text + ">");
    EXPECT_NE(clean.find("[secret]"), std::string::npos) << text << " became " << clean;
  }
  EXPECT_EQ(redactor.Clean(R"({"access_token" : "abc\"def","x":1})"),
            R"({"access_token" : "[token]","x":1})");
}

TEST(Redactor, BlanksEveryTokenHoweverMany) {
  const Redactor redactor;
  EXPECT_EQ(
      redactor.Clean("{\"access_token\":\"a\",\"id_token\" : \"b\\\"c\"} \"access_token\":\"d"),
      "{\"access_token\":\"[token]\",\"id_token\" : \"[token]\"} \"access_token\":\"[token]");
}

}  // namespace
}  // namespace grantspec
