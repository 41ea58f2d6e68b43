<?php
// PHP's parse_str and base64_decode as an adapter: the protocol is that of fuzz/adapters/pipe.c.

function read_form(string $content): array {
    parse_str($content, $variables);
    $parts = [];
    $walk = function ($name, $value) use (&$walk, &$parts) {
        if (is_array($value)) {
            foreach ($value as $key => $inner) $walk("{$name}[{$key}]", $inner);
        } else {
            array_push($parts, (string)$name, $value);
        }
    };
    foreach ($variables as $name => $value) $walk($name, $value);
    return $parts;
}

function read_basic(string $value): ?array {
    // As PHP itself fills PHP_AUTH_USER and PHP_AUTH_PW: base64_decode is not strict.
    if (strncasecmp($value, 'Basic ', 6) !== 0) return null;
    $pair = base64_decode(substr($value, 6));
    $colon = strpos($pair, ':');
    return $colon === false ? null : [substr($pair, 0, $colon), substr($pair, $colon + 1)];
}

function netstring(string $content): string {
    return strlen($content) . ':' . $content . ',';
}

function read_netstring(): string {
    $digits = '';
    while (($byte = fgetc(STDIN)) !== ':') {
        if ($byte === false) exit(0);
        $digits .= $byte;
    }
    $length = (int)$digits;
    $content = $length === 0 ? '' : stream_get_contents(STDIN, $length);
    fgetc(STDIN);
    return $content;
}

$functions = ['form' => 'read_form', 'basic' => 'read_basic'];
while (true) {
    $name = read_netstring();
    $content = read_netstring();
    $parts = isset($functions[$name]) ? $functions[$name]($content) : null;
    $kind = !isset($functions[$name]) ? '?' : ($parts === null ? '-' : '+');
    fwrite(STDOUT, $kind . netstring(implode('', array_map('netstring', $parts ?? []))));
}
