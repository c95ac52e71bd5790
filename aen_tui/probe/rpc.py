"""XML-RPC as supervisord speaks it. Not by a strict parser: values may hold control characters."""

ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
SCALARS = ("string", "int", "i4", "i8", "boolean", "double", "nil", "base64", "dateTime.iso8601")


def rpc_request(method, user, word):
    """A call without arguments, as bytes."""
    body = "<?xml version='1.0'?><methodCall><methodName>%s</methodName><params/></methodCall>" % method
    extra = ["Content-Type: text/xml", "Content-Length: %d" % len(body)]
    if user:
        extra.append("Authorization: Basic " + text(binascii.b2a_base64(raw(user + ":" + word)).strip()))
    return request_head("POST", "/RPC2", "localhost", extra) + raw(body)


def unescape(word):
    def entity(found):
        name = found.group(1)
        if name.startswith("#"):
            number = int(name[2:], 16) if name[1:2] in "xX" else int(name[1:])
            return TEXT("%c") % number if 0 < number < 0xD800 else TEXT("?")
        return ENTITIES.get(name, found.group(0))

    return re.sub(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-z]+);", entity, word)


def rpc_answer(body):
    """(value, None) or (None, error text) of a methodResponse."""
    stack, value, words, key = [], None, [], []
    body = re.sub(r"<([\w.]+)\s*/>", r"<\1></\1>", text(body, 1 << 20))
    for tag, word in re.findall(r"<(/?[A-Za-z][\w.]*)[^>]*>|([^<]+)", body):
        name = tag.lstrip("/")
        if word:
            words.append(word)
        elif not tag.startswith("/"):
            words, value = [], "" if name == "value" else value
            if name in ("struct", "array"):
                stack.append({} if name == "struct" else [])
        elif name in SCALARS:
            value = unescape("".join(words)) if name != "nil" else None
            if name in ("int", "i4", "i8", "boolean"):
                value = whole(value)
            words = []
        elif name in ("struct", "array"):
            value, words = stack.pop() if stack else None, []
        elif name == "name":
            key.append(unescape("".join(words)))
            words = []
        elif name == "value":
            if value == "" and words:
                value = unescape("".join(words))  # a value without a type is a string
            if stack and isinstance(stack[-1], list):
                stack[-1].append(value)
            words = []
        elif name == "member" and stack and key and isinstance(stack[-1], dict):
            stack[-1][key.pop()] = value
    if isinstance(value, dict) and "faultCode" in value:
        return None, "supervisord answered: %s" % value.get("faultString")
    return (value, None) if value is not None else (None, "supervisord's answer was not understood")
