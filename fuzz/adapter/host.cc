#include "fuzz/adapter/host.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/error_response.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/model/endpoint.h"
#include "fixtures/model/grammar.h"
#include "fuzz/mutants/endpoint_subject.h"
#include "fuzz/mutants/subject.h"
#include "fuzz/oracle/require.h"

extern "C" __attribute__((weak)) const grantspec_adapter* grantspec_adapter_v1(void);

namespace grantspec::fuzz {
namespace {

using Parts = std::vector<std::string>;

Reading Refused(std::string_view reason = {}) {
  return {Reading::Kind::kRefused, {}, std::string(reason)};
}

// Why a Basic field is refused; of base64 in detail.
std::string ReasonOf(BasicError error, std::string_view field_value) {
  if (error != BasicError::kNotBase64) return std::string(grantspec::ToString(error));
  const std::size_t token = field_value.find_first_not_of(' ', field_value.find(' '));
  const auto bytes = DecodeBase64(field_value.substr(token));
  return "base64: " + std::string(bytes ? "?" : grantspec::ToString(bytes.error()));
}

Reading Read(Parts parts) {
  return {Reading::Kind::kRead, std::move(parts), {}};
}

// One sentence and exit code 2. Neither an engine nor a sanitizer may make a finding of it.
[[noreturn]] void Unusable(const std::string& why) {
  std::fprintf(stderr, "adapter: %s\n", why.c_str());
  std::fflush(nullptr);
  std::_Exit(2);
}

const grantspec_adapter& Checked(const grantspec_adapter* adapter, const std::string& name) {
  if (adapter == nullptr) Unusable(name + ": grantspec_adapter_v1 returns a null pointer");
  if (adapter->abi != GRANTSPEC_ADAPTER_ABI || adapter->size < sizeof *adapter) {
    Unusable(name + " was built for version " + std::to_string(adapter->abi) +
             " of fuzz/adapter.h, this is version " + std::to_string(GRANTSPEC_ADAPTER_ABI) +
             ": build it again");
  }
  return *adapter;
}

const grantspec_adapter& Loaded(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) Unusable(path + " is not a file");
  // A name without a slash would be searched for among the system's libraries.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) Unusable(std::string("cannot load the shared library ") + dlerror());
  const auto make =
      reinterpret_cast<decltype(&grantspec_adapter_v1)>(dlsym(library, "grantspec_adapter_v1"));
  if (make == nullptr) Unusable(path + " does not export grantspec_adapter_v1 (fuzz/adapter.h)");
  return Checked(make(), path);
}

// The request in some bytes, where it is framed by Content-Length and complete.
std::optional<Request> RequestIn(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const model::HeadReading head = model::ReadHead(bytes.substr(0, end + 4));
  const std::size_t length = head.content_length.value_or(0);
  const std::string_view rest = bytes.substr(end + 4);
  if (!head.refusals.empty() || head.chunked || length != rest.size()) return std::nullopt;
  Request request{.method = head.method, .target = head.target, .content = std::string(rest)};
  for (const auto& [name, value] : head.fields) request.fields.Add(name, value);
  return request;
}

Reading ResponseOf(std::string_view bytes) {
  const auto request = RequestIn(bytes);
  if (!request) return {};
  const Response response = subject::Respond(*request);
  const auto error = ParseErrorResponse(response.content);
  const auto token = ParseTokenResponse(response.content);
  return Read({std::to_string(response.status), error ? error->error : "",
               token && token->scope ? token->scope->ToString() : ""});
}

// Parts as netstrings.
long Written(const Parts& parts, char* out, std::size_t cap) {
  long at = 0;
  for (const std::string& part : parts) at = grantspec_put(out, cap, at, part.data(), part.size());
  return at;
}

std::string_view View(const std::uint8_t* in, std::size_t size) {
  return {reinterpret_cast<const char*>(in), size};
}

// The suite's own second reader as an adapter.
const grantspec_adapter kModel = {
    GRANTSPEC_ADAPTER_ABI,
    sizeof(grantspec_adapter),
    "second reader",
    [](const std::uint8_t* in, std::size_t size, char* out, std::size_t cap) {
      const model::FormReading form = model::ReadForm(View(in, size));
      if (form.refusal != model::FormReading::Refusal::kNone) return GRANTSPEC_REFUSED;
      Parts parts;
      for (const auto& [name, value] : form.pairs) {
        parts.push_back(name);
        parts.push_back(value);
      }
      return Written(parts, out, cap);
    },
    [](const std::uint8_t* in, std::size_t size, char* out, std::size_t cap) {
      const auto pair = model::ReadBasic(View(in, size));
      return pair ? Written({pair->first, pair->second}, out, cap) : GRANTSPEC_REFUSED;
    },
    [](const std::uint8_t* in, std::size_t size, char* out, std::size_t cap) {
      const auto tokens = model::ReadScope(View(in, size));
      return tokens ? Written(*tokens, out, cap) : GRANTSPEC_REFUSED;
    },
    nullptr};

// Splits `length:bytes,` ...; false where it is something else.
bool SplitNetstrings(std::string_view text, Parts& parts) {
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    if (colon == 0 || colon > 10) return false;
    std::size_t length = 0;
    for (char c : text.substr(0, colon)) {
      if (c < '0' || c > '9') return false;
      length = length * 10 + static_cast<std::size_t>(c - '0');
    }
    text.remove_prefix(colon + 1);
    if (text.size() <= length || text[length] != ',') return false;
    parts.emplace_back(text.substr(0, length));
    text.remove_prefix(length + 1);
  }
  return true;
}

}  // namespace

std::string_view ToString(Entry entry) {
  static constexpr std::string_view kNames[] = {"form", "basic", "scope", "request"};
  return kNames[static_cast<std::size_t>(entry)];
}

std::string ToString(const Reading& reading) {
  if (reading.kind == Reading::Kind::kRefused) {
    return "refused" + (reading.reason.empty() ? "" : " (" + reading.reason + ")");
  }
  if (reading.kind == Reading::Kind::kNotOffered) return "not offered";
  std::string text;
  for (const std::string& part : reading.parts) {
    text += text.empty() ? "\"" : " \"";
    for (char c : part) {
      if (c == '"' || c == '\\') {
        text += '\\';
        text += c;
      } else if (c >= ' ' && c <= '~') {
        text += c;
      } else {
        text += "\\x" + EncodeHex(std::string_view(&c, 1));
      }
    }
    text += '"';
  }
  return text.empty() ? "nothing in it" : text;
}

const grantspec_adapter& TheAdapter() {
  static const grantspec_adapter& adapter = []() -> const grantspec_adapter& {
    const char* path = std::getenv("GRANTSPEC_ADAPTER");
    if (path != nullptr && *path != '\0') return Loaded(path);
    if (grantspec_adapter_v1 == nullptr) return kModel;
    return Checked(grantspec_adapter_v1(), "the adapter that is linked in");
  }();
  return adapter;
}

bool HasAdapter() {
  const char* path = std::getenv("GRANTSPEC_ADAPTER");
  return (path != nullptr && *path != '\0') || grantspec_adapter_v1 != nullptr;
}

grantspec_read FunctionOf(const grantspec_adapter& adapter, Entry entry) {
  switch (entry) {
    case Entry::kForm:
      return adapter.form;
    case Entry::kBasic:
      return adapter.basic;
    case Entry::kScope:
      return adapter.scope;
    case Entry::kRequest:
      return adapter.request;
  }
  return nullptr;
}

Reading AskAdapter(const grantspec_adapter& adapter, Entry entry, std::string_view input) {
  const grantspec_read read = FunctionOf(adapter, entry);
  if (read == nullptr) return {};
  std::string out(input.size() * 8 + 256, '\0');
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(input.data());
  const long length = read(bytes, input.size(), out.data(), out.size());
  if (length == GRANTSPEC_NOT_OFFERED) return {};
  if (length == GRANTSPEC_REFUSED) return Refused();
  Require(length >= 0 && static_cast<std::size_t>(length) <= out.size(),
          "an adapter returns a length of at most cap, GRANTSPEC_REFUSED or GRANTSPEC_NOT_OFFERED");
  Reading reading = Read({});
  Require(SplitNetstrings(std::string_view(out).substr(0, static_cast<std::size_t>(length)),
                          reading.parts),
          "an adapter writes netstrings");
  if (entry == Entry::kScope) {
    std::sort(reading.parts.begin(), reading.parts.end());
    reading.parts.erase(std::unique(reading.parts.begin(), reading.parts.end()),
                        reading.parts.end());
  }
  return reading;
}

Reading AskSecondReader(Entry entry, std::string_view input) {
  return AskAdapter(kModel, entry, input);
}

Reading AskReference(Entry entry, std::string_view input) {
  switch (entry) {
    case Entry::kForm: {
      const auto form = subject::ReadForm(input);
      if (!form) return Refused(grantspec::ToString(form.error()));
      Parts parts;
      for (const FormParameter& p : form->parameters) {
        parts.push_back(p.name);
        parts.push_back(p.value);
      }
      return Read(std::move(parts));
    }
    case Entry::kBasic: {
      const auto pair = subject::ReadBasic(input);
      if (!pair) return Refused(ReasonOf(pair.error(), input));
      return Read({pair->user_id, pair->password});
    }
    case Entry::kScope: {
      const auto scope = subject::ReadScope(input);
      if (!scope) return Refused(grantspec::ToString(scope.error()));
      return Read({scope->tokens().begin(), scope->tokens().end()});
    }
    case Entry::kRequest:
      return ResponseOf(input);
  }
  return {};
}

}  // namespace grantspec::fuzz
