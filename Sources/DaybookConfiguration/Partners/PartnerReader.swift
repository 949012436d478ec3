import Events
import X12

/// A partner as it was read, with the places that later checks name.
struct PartnerRead {
    var definition: PartnerDefinition
    var place: SourcePlace
    var identityPlace: SourcePlace
    var contacts: [FieldReader.Word]
}

/// Reads one file of `partners/` into a definition that states everything.
struct PartnerReader {
    let settings: Settings

    /// The partner; nil where it has no name or no identities, after that was noted.
    func read(_ node: SourceNode, _ log: inout ProblemLog) -> PartnerRead? {
        guard let reader = FieldReader(node, "", PartnerFields.partner, &log) else { return nil }
        var definition = PartnerDefinition()
        definition.description = reader.text("description", &log) ?? ""
        definition.own = identity("own", reader, &log)
        definition.partner = identity("identity", reader, &log)
        definition.delimiters = delimiters(reader, &log)
        checkIdentities(definition, reader, &log)
        definition.usage = reader.choice("usage", ["P", "T"], &log) ?? "P"
        let policies: [X12Partners.AcknowledgmentPolicy] = [.asRequested, .always, .never]
        definition.acknowledgments =
            reader.choice("acknowledgments", policies.map(\.rawValue), &log) ?? "isa14"
        definition.requestsAcknowledgment = reader.bool("requestAcknowledgment", &log) ?? false
        definition.versions = versions(reader, &log)
        definition.usages = reader.words(
            "usages", of: ["P", "T", "I"], default: ["P", "T"], &log)
        definition.authorizations = reader.words(
            "authorizations", of: ["00", "01", "02", "03", "04", "05", "06"],
            default: ["00", "03"], &log)
        definition.securities = reader.words(
            "securities", of: ["00", "01"], default: ["00", "01"], &log)
        readTypes(reader, &definition, &log)
        definition.numbers = numbers(reader, definition, &log)
        definition.duplicateDays = reader.count("duplicateDays", 1...90, &log) ?? 30
        let contacts = contacts(reader, &log)
        definition.contacts = contacts.map(\.text)
        guard let name = name(reader, &log), definition.own != nil, definition.partner != nil else {
            return nil
        }
        definition.name = name
        checkSize(definition, node.place, &log)
        return PartnerRead(
            definition: definition, place: node.place, identityPlace: reader.place(of: "identity"),
            contacts: contacts)
    }

    // MARK: Names

    private func name(_ reader: FieldReader, _ log: inout ProblemLog) -> String? {
        guard let text = reader.word("partner", &log) else { return nil }
        if Self.isName(text) { return text }
        log.error(
            reader.place(of: "partner"), reader.full("partner"),
            text.utf8.count > 15
                ? "the name has \(text.utf8.count) characters, and 15 at most are taken"
                : "\(shown(text)) is no name of a partner",
            "choose 1 to 15 letters, digits, '-', '_' and '.', such as PARTNERA")
        return nil
    }

    /// Whether a text can be a partner's name: it stands in the names of files and folders.
    static func isName(_ text: String) -> Bool {
        var hasWord = false
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: hasWord = true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): break
            default: return false
            }
        }
        return hasWord && text.utf8.count <= 15
    }

    private func contacts(_ reader: FieldReader, _ log: inout ProblemLog) -> [FieldReader.Word] {
        var result: [FieldReader.Word] = []
        for word in reader.words("contacts", &log) ?? [] {
            guard let name = Values.identifier(word.text, word.place, word.path, &log),
                !result.contains(where: { $0.text == name })
            else { continue }
            result.append(FieldReader.Word(text: name, place: word.place, path: word.path))
        }
        return result.sorted { precedes($0.text, $1.text) }
    }

    private func checkSize(
        _ definition: PartnerDefinition, _ place: SourcePlace, _ log: inout ProblemLog
    ) {
        let byteCount = JSONText.of(definition).utf8.count
        if byteCount <= Limits.definitionByteCountMax { return }
        log.error(
            place, "",
            "the partner has \(byteCount) bytes, and a record holds "
                + "\(Limits.definitionByteCountMax)",
            "shorten its description, or name fewer contacts and ranges")
    }

    // MARK: Envelopes

    private func identity(
        _ name: String, _ outer: FieldReader, _ log: inout ProblemLog
    ) -> PartnerIdentity? {
        guard let node = outer.node(name, &log),
            let reader = FieldReader(node, outer.full(name), PartnerFields.identity, &log)
        else { return nil }
        guard let qualifier = qualifier(reader, &log),
            let id = code("id", 1...15, "ISA06 and ISA08", reader, &log)
        else { return nil }
        var identity = PartnerIdentity()
        identity.qualifier = qualifier
        identity.id = id
        if reader.has("group") {
            guard let group = code("group", 2...15, "GS02 and GS03", reader, &log) else {
                return nil
            }
            identity.group = group
        } else if id.utf8.count > 1 {
            identity.group = id
        } else {
            log.error(
                reader.place, reader.full("group"),
                "the id has one character, and GS02 and GS03 have two at least", "add group")
            return nil
        }
        return identity
    }

    private func qualifier(_ reader: FieldReader, _ log: inout ProblemLog) -> String? {
        guard let text = reader.word("qualifier", &log) else { return nil }
        if X12Partners.qualifiers.contains(text) { return text }
        let hint = [text.uppercased(), "0" + text].first { X12Partners.qualifiers.contains($0) }
        log.error(
            reader.place(of: "qualifier"), reader.full("qualifier"),
            "\(shown(text)) is no qualifier of the standard",
            hint.map { "did you mean '\($0)'?" }
                ?? "write two characters such as ZZ (agreed between the two), 01 (DUNS) or 30 (tax)"
        )
        return nil
    }

    /// An id or a code as it stands in an envelope.
    private func code(
        _ name: String, _ lengths: ClosedRange<Int>, _ elements: String, _ reader: FieldReader,
        _ log: inout ProblemLog
    ) -> String? {
        guard let text = reader.word(name, &log) else { return nil }
        let bytes = text.utf8
        let fault: (String, String)?
        if !bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) {
            fault = ("it holds what envelopes cannot", "write ASCII characters that can be printed")
        } else if bytes.first == 0x20 || bytes.last == 0x20 {
            fault = ("it starts or ends with a blank", "leave padding out; envelopes are padded")
        } else if !lengths.contains(bytes.count) {
            fault = (
                "it has \(bytes.count) characters, and \(elements) hold \(lengths.lowerBound) to "
                    + "\(lengths.upperBound)",
                "agree with the partner on another; none is ever cut"
            )
        } else {
            fault = nil
        }
        guard let fault else { return text }
        log.error(reader.place(of: name), reader.full(name), fault.0, fault.1)
        return nil
    }

    /// Element separator, repetition separator, component separator and terminator.
    private func delimiters(_ outer: FieldReader, _ log: inout ProblemLog) -> String {
        let usual = [
            ("element", "*"), ("repetition", "^"), ("component", ":"), ("terminator", "~"),
        ]
        guard let node = outer.node("delimiters", &log),
            let reader = FieldReader(
                node, outer.full("delimiters"), PartnerFields.delimiters, &log)
        else { return usual.map(\.1).joined() }
        var signs: [(name: String, sign: String)] = []
        for (name, sign) in usual {
            let given = reader.has(name) ? delimiter(name, reader, &log) : sign
            guard let given else { continue }
            if let twin = signs.first(where: { $0.sign == given }) {
                log.error(
                    reader.place(of: name), reader.full(name),
                    "it is the same as that of \(twin.name)", "choose four different ones")
            }
            signs.append((name, given))
        }
        return signs.map(\.sign).joined()
    }

    private func delimiter(
        _ name: String, _ reader: FieldReader, _ log: inout ProblemLog
    ) -> String? {
        guard let node = reader.node(name, &log) else { return nil }
        // Control characters may separate, which texts elsewhere cannot hold.
        if case .text(let text) = node.value, let byte = text.utf8.first, text.utf8.count == 1,
            X12Delimiters.isUsable(byte), byte != 0, !".-".utf8.contains(byte)
        {
            return text
        }
        log.error(
            node.place, reader.full(name), "this is no character that can separate",
            "write one ASCII character between quotes that is no letter, digit, blank, '.' or '-'")
        return nil
    }

    /// The two are different, and hold no delimiter.
    private func checkIdentities(
        _ definition: PartnerDefinition, _ reader: FieldReader, _ log: inout ProblemLog
    ) {
        if let own = definition.own, own.name == definition.partner?.name {
            log.error(
                reader.place(of: "identity"), reader.full("identity"),
                "envelopes would name the partner as they name us",
                "write how the partner is named, with its own qualifier and id")
        }
        let delimiters = Set(definition.delimiters.utf8)
        for (name, identity) in [("own", definition.own), ("identity", definition.partner)] {
            guard let identity else { continue }
            // A group that is not said is the id, whose problem is said once.
            let texts =
                [("id", identity.id)]
                + (identity.group == identity.id ? [] : [("group", identity.group)])
            for (field, text) in texts
            where text.utf8.contains(where: { delimiters.contains($0) }) {
                log.error(
                    reader.place(of: name), reader.full("\(name).\(field)"),
                    "it holds one of the partner's delimiters", "choose another delimiter")
            }
        }
    }

    private func versions(_ reader: FieldReader, _ log: inout ProblemLog) -> [String] {
        guard let words = reader.words("versions", &log) else { return ["00501"] }
        var result: Set<String> = []
        for word in words {
            let bytes = word.text.utf8
            guard bytes.count == 5, bytes.allSatisfy({ (0x30...0x39).contains($0) }),
                !precedes(word.text, "00402")
            else {
                log.error(
                    word.place, word.path,
                    "\(shown(word.text)) is no version in which ISA11 separates repetitions",
                    "write five digits from 00402 on, such as 00501")
                continue
            }
            result.insert(word.text)
        }
        if words.isEmpty {
            log.error(
                reader.place(of: "versions"), reader.full("versions"),
                "the list is empty, so that nothing is taken", "write [00501], or remove it")
        }
        return result.sorted(by: precedes)
    }
}
