#include "properties/subject.h"

#include <charconv>

#include "fixtures/grammar/ascii.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

std::string Dechunked(std::string_view text) {
  std::string content;
  while (!text.empty()) {
    std::size_t size = 0;
    const std::size_t line = text.find("\r\n");
    if (line == std::string_view::npos) break;
    std::from_chars(text.data(), text.data() + line, size, 16);
    if (size == 0) break;
    text.remove_prefix(line + 2);
    content += text.substr(0, size);
    text.remove_prefix(std::min(text.size(), size + 2));
  }
  return content;
}

}  // namespace

Request ReadRequest(std::string_view bytes) {
  Request request;
  const std::size_t head = std::min(bytes.find("\r\n\r\n"), bytes.size());
  request.content = std::string(bytes.substr(std::min(bytes.size(), head + 4)));
  std::string_view lines = bytes.substr(0, head);
  bool first = true;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(lines.size(), end + 2));
    if (first) {
      const std::size_t space = line.find(' ');
      request.method = std::string(line.substr(0, space));
      request.target = std::string(line.substr(space + 1, line.rfind(' ') - space - 1));
      first = false;
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    request.fields.Add(line.substr(0, colon), TrimOws(line.substr(colon + 1)));
  }
  if (request.fields.Has("Transfer-Encoding")) request.content = Dechunked(request.content);
  return request;
}

Exchange ModelSubject::Respond(const Outgoing& outgoing) {
  Exchange exchange;
  Request request;
  if (const auto* framed = std::get_if<Request>(&outgoing.message)) {
    request = *framed;
    exchange.sent = RenderRequest(request, "model");
  } else {
    exchange.raw = true;
    for (const RawStep& step : std::get<RawRequest>(outgoing.message).steps) {
      exchange.sent += step.bytes;
    }
    request = ReadRequest(exchange.sent);
  }
  exchange.responses.push_back(responder_(request, ++serial_));
  return exchange;
}

void ModelSubject::Run(std::vector<Conversation> conversations) {
  for (Conversation& conversation : conversations) {
    std::vector<Exchange> exchanges;
    while (const auto outgoing = conversation.next(exchanges))
      exchanges.push_back(Respond(*outgoing));
    conversation.done(std::move(exchanges));
  }
}

}  // namespace grantspec
