#include "conformance/engine/options/from_curl.h"

#include <wordexp.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "conformance/engine/options/options.h"
#include "conformance/engine/secrets/redact.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/basic.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/url.h"

namespace grantspec {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void Refuse(const std::string& why) {
  throw UsageError("--from-curl: " + why);
}

// The words of a command line, by the C library's shell rules (POSIX wordexp).
std::vector<std::string> WordsOf(std::string text) {
  if (text.find("$'") != std::string::npos) {
    Refuse("$'...' is not read; write the text in single or double quotes");
  }
  for (std::size_t at = text.find("\\\n"); at != std::string::npos; at = text.find("\\\n", at)) {
    text.replace(at, 2, " ");
  }
  // A line that was broken for the reader's sake.
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  wordexp_t expanded{};
  const int error = wordexp(text.c_str(), &expanded, WRDE_NOCMD | WRDE_UNDEF);
  std::vector<std::string> words;
  if (error == 0) words.assign(expanded.we_wordv, expanded.we_wordv + expanded.we_wordc);
  if (error == 0 || error == WRDE_NOSPACE) wordfree(&expanded);
  switch (error) {
    case 0:
      return words;
    case WRDE_BADVAL:
      Refuse("a variable of the command is not set");
    case WRDE_CMDSUB:
      Refuse("commands inside the command line are not run; put their output into a variable");
    case WRDE_BADCHAR:
      Refuse("one of | & ; < > ( ) { } or a line end stands outside quotes");
    default:
      Refuse("the quotes of the command line do not match");
  }
}

enum class Kind {
  kIgnored,       // a flag without a meaning for the request
  kIgnoredValue,  // the same with a value
  kUser,
  kHeader,
  kData,
  kDataUrlencode,
  kJson,
  kGet,
  kMethod,
  kUrl,
  kCert,
  kKey,
  kCacert,
  kInsecure,
  kProxy,
  kUserAgent,
};

struct CurlOption {
  std::string_view letter, name;
  Kind kind;
};

constexpr CurlOption kOptions[] = {
    {"u", "user", Kind::kUser},
    {"H", "header", Kind::kHeader},
    {"d", "data", Kind::kData},
    {"", "data-raw", Kind::kData},
    {"", "data-ascii", Kind::kData},
    {"", "data-binary", Kind::kData},
    {"", "data-urlencode", Kind::kDataUrlencode},
    {"", "json", Kind::kJson},
    {"G", "get", Kind::kGet},
    {"X", "request", Kind::kMethod},
    {"", "url", Kind::kUrl},
    {"E", "cert", Kind::kCert},
    {"", "key", Kind::kKey},
    {"", "cacert", Kind::kCacert},
    {"k", "insecure", Kind::kInsecure},
    {"x", "proxy", Kind::kProxy},
    {"A", "user-agent", Kind::kUserAgent},
    {"s", "silent", Kind::kIgnored},
    {"S", "show-error", Kind::kIgnored},
    {"i", "include", Kind::kIgnored},
    {"v", "verbose", Kind::kIgnored},
    {"f", "fail", Kind::kIgnored},
    {"", "fail-with-body", Kind::kIgnored},
    {"L", "location", Kind::kIgnored},
    {"", "compressed", Kind::kIgnored},
    {"", "basic", Kind::kIgnored},
    {"", "http1.1", Kind::kIgnored},
    {"", "http2", Kind::kIgnored},
    {"", "tlsv1.2", Kind::kIgnored},
    {"#", "progress-bar", Kind::kIgnored},
    {"g", "globoff", Kind::kIgnored},
    {"o", "output", Kind::kIgnoredValue},
    {"w", "write-out", Kind::kIgnoredValue},
    {"m", "max-time", Kind::kIgnoredValue},
    {"", "connect-timeout", Kind::kIgnoredValue},
    {"", "retry", Kind::kIgnoredValue},
};

bool TakesValue(Kind kind) {
  return kind != Kind::kIgnored && kind != Kind::kGet && kind != Kind::kInsecure;
}

// What the words say, before it is understood as a token request.
struct Command {
  std::vector<std::string> urls, data, headers;
  std::string user, method;
  bool json = false, get = false;
  CurlRequest request;  // what is copied as it is
};

// name=content, =content and content, as curl has them; files are not read.
std::string Urlencoded(const std::string& value) {
  const std::size_t equals = value.find('=');
  if (equals == std::string::npos && value.find('@') != std::string::npos) {
    Refuse("--data-urlencode with a file is not read");
  }
  if (equals == std::string::npos || equals == 0) {
    return EncodeFormComponent(equals == 0 ? value.substr(1) : value);
  }
  return value.substr(0, equals + 1) + EncodeFormComponent(value.substr(equals + 1));
}

void Apply(Kind kind, const std::string& value, Command& command) {
  const bool data = kind == Kind::kData || kind == Kind::kJson;
  if (data && value.starts_with("@")) Refuse("a body in a file is not read; write it out");
  switch (kind) {
    case Kind::kIgnored:
    case Kind::kIgnoredValue:
      return;
    case Kind::kUser:
      command.user = value;
      return;
    case Kind::kHeader:
      return command.headers.push_back(value);
    case Kind::kData:
      return command.data.push_back(value);
    case Kind::kDataUrlencode:
      return command.data.push_back(Urlencoded(value));
    case Kind::kJson:
      command.json = true;
      return command.data.push_back(value);
    case Kind::kGet:
      command.get = true;
      return;
    case Kind::kMethod:
      command.method = value;
      return;
    case Kind::kUrl:
      return command.urls.push_back(value);
    case Kind::kCert:
      command.request.cert = value;
      return;
    case Kind::kKey:
      command.request.key = value;
      return;
    case Kind::kCacert:
      command.request.cacert = value;
      return;
    case Kind::kInsecure:
      command.request.insecure = true;
      return;
    case Kind::kProxy:
      command.request.proxy = value;
      return;
    case Kind::kUserAgent:
      command.request.user_agent = value;
      return;
  }
}

// The words of a command, one option after another.
class WordReader {
 public:
  explicit WordReader(std::vector<std::string> words) : words_(std::move(words)) {}

  Command Read() {
    for (next_ = 1; next_ < words_.size();) {
      const std::string word = words_[next_++];
      if (word.starts_with("--") && word.size() > 2) {
        ReadLong(word.substr(2));
      } else if (word.starts_with("-") && word.size() > 1) {
        ReadLetters(word);
      } else {
        command_.urls.push_back(word);
      }
    }
    return std::move(command_);
  }

 private:
  std::string Value(const std::string& option) {
    if (next_ == words_.size()) Refuse(option + " lacks its value");
    return words_[next_++];
  }

  void ReadLong(const std::string& name) {
    const auto* found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                     [&](const CurlOption& one) { return one.name == name; });
    if (found == std::end(kOptions)) Refuse("the option --" + name + " is not known here");
    Apply(found->kind, TakesValue(found->kind) ? Value("--" + name) : "", command_);
  }

  // -sSu id:secret, or -uid:secret.
  void ReadLetters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string letter(1, word[i]);
      const auto* found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                       [&](const CurlOption& one) { return one.letter == letter; });
      if (found == std::end(kOptions)) Refuse("the option -" + letter + " is not known here");
      if (!TakesValue(found->kind)) {
        Apply(found->kind, "", command_);
        continue;
      }
      return Apply(found->kind, i + 1 < word.size() ? word.substr(i + 1) : Value("-" + letter),
                   command_);
    }
  }

  std::vector<std::string> words_;
  std::size_t next_ = 1;
  Command command_;
};

Form JsonParameters(const std::string& content) {
  const Json object = Json::parse(content, nullptr, false);
  if (!object.is_object()) Refuse("the body is no JSON object");
  Form form;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_string()) Refuse("the member " + name + " of the JSON body is no string");
    form.parameters.push_back({name, value.get<std::string>()});
  }
  return form;
}

// Takes the parameter out of the form.
std::string Take(Form& form, std::string_view name) {
  const std::string value(form.First(name).value_or(""));
  std::erase_if(form.parameters, [name](const FormParameter& one) { return one.name == name; });
  return value;
}

// Splits what logs the client in from the headers.
void ReadHeaders(Command& command, CurlRequest& request) {
  for (const std::string& header : command.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) Refuse("a header has no colon");
    const std::string name = header.substr(0, colon);
    std::string value = header.substr(colon + 1);
    value.erase(0, value.find_first_not_of(' ') == std::string::npos
                       ? value.size()
                       : value.find_first_not_of(' '));
    if (EqualsFolded(name, "Content-Type")) {
      command.json = command.json || value.starts_with("application/json");
    } else if (EqualsFolded(name, "Authorization") && ToLower(value).starts_with("basic ")) {
      const auto pair = ParseBasic(value);
      if (!pair) Refuse("the Authorization header is no Basic credentials");
      command.user = pair->user_id + ":" + pair->password;
    } else {
      request.headers.push_back(header);
    }
  }
}

std::vector<std::string> SplitBy(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

void ReadScope(const std::string& scope, CurlRequest& request) {
  const bool commas = scope.find(',') != std::string::npos && scope.find(' ') == std::string::npos;
  if (commas) request.scope_separator = "comma";
  request.scopes = SplitBy(scope, commas ? ',' : ' ');
}

void ReadLogin(const Command& command, Form& form, CurlRequest& request) {
  if (form.First("client_assertion")) {
    Refuse(
        "a client assertion cannot be sent twice; use --auth private_key_jwt and "
        "--assertion-key, or --auth client_secret_jwt");
  }
  if (!command.user.empty()) {
    const std::size_t colon = command.user.find(':');
    if (colon == std::string::npos) Refuse("-u needs id:secret; curl would ask for the secret");
    request.id = command.user.substr(0, colon);
    request.secret = command.user.substr(colon + 1);
    return;
  }
  request.id = Take(form, "client_id");
  if (request.id.empty()) Refuse("the command names no client: no -u and no client_id");
  request.secret = Take(form, "client_secret");
  request.auth = AuthMethod::kClientSecretPost;
  if (!request.secret.empty()) return;
  request.auth = request.cert.empty() ? AuthMethod::kNone : AuthMethod::kTlsClientAuth;
}

// The parameters, where the command has them; the URL is left without them.
Form ReadParameters(const Command& command, CurlRequest& request) {
  std::string content;
  for (const std::string& one : command.data) {
    content += (content.empty() || command.json ? "" : "&") + one;
  }
  const std::size_t question = request.url.find('?');
  const std::string query = question == std::string::npos ? "" : request.url.substr(question + 1);
  const bool in_query =
      command.get || (ParseFormWhatwg(query).First("grant_type") && content.empty());
  if (in_query) {
    request.parameters_in = "query";
    request.url = request.url.substr(0, question);
    return ParseFormWhatwg(query + (query.empty() || content.empty() ? "" : "&") + content);
  }
  if (command.json) {
    request.body = "json";
    return JsonParameters(content);
  }
  const auto form = ParseForm(content);
  if (!form) Refuse("the body is no form");
  return *form;
}

}  // namespace

bool IsNamedLikeSecret(std::string_view name) {
  const std::string lower = ToLower(name);
  for (std::string_view part : {"secret", "password", "key", "token", "pin"}) {
    if (lower.find(part) != std::string::npos) return true;
  }
  return false;
}

CurlRequest ReadCurlCommand(const std::string& text) {
  std::vector<std::string> words = WordsOf(text);
  if (words.empty() || (words.front() != "curl" && !words.front().ends_with("/curl"))) {
    Refuse("the command has to begin with curl");
  }
  Command command = WordReader(std::move(words)).Read();
  if (command.urls.size() != 1) Refuse("the command has to name one URL");
  if (!command.method.empty() && command.method != "POST") {
    Refuse("a token request is a POST, not a " + command.method);
  }
  CurlRequest request = std::move(command.request);
  request.url = command.urls.front();
  if (request.url.find("://") == std::string::npos) request.url = "http://" + request.url;
  ReadHeaders(command, request);
  Form form = ReadParameters(command, request);
  ReadLogin(command, form, request);
  ReadScope(Take(form, "scope"), request);
  if (const std::string type = Take(form, "grant_type"); !type.empty()) request.grant_type = type;
  for (const FormParameter& one : form.parameters) {
    request.parameters.push_back({one.name, one.value, IsNamedLikeSecret(one.name)});
  }
  return request;
}

}  // namespace grantspec
