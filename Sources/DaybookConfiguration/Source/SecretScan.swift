/// Finds secrets that stand in a file as they are.
struct SecretScan {
    /// Which keys were judged, and how: in a file of many schedules they are always the same.
    private var judged: [String: Bool] = [:]

    /// Notes every value that looks like a secret, by its key or by its shape; never the value.
    static func scan(_ node: SourceNode, _ path: String, _ log: inout ProblemLog) {
        var scan = SecretScan()
        scan.walk(node, path, &log)
    }

    private mutating func walk(_ node: SourceNode, _ path: String, _ log: inout ProblemLog) {
        switch node.value {
        case .map(let members):
            for member in members {
                let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
                // Where secrets come from, by name: the names are no secrets.
                if inner == "secrets" {
                    Self.scanShapes(member.value, inner, &log)
                } else if isSecret(member.key), let text = Self.literal(member.value),
                    !text.isEmpty, SecretReference.names(text).isEmpty
                {
                    Self.report(
                        member.value.place, inner, "the value of a field with this name", &log)
                } else {
                    walk(member.value, inner, &log)
                }
            }
        case .list(let items):
            for (index, item) in items.enumerated() { walk(item, "\(path)[\(index)]", &log) }
        case .text(let text):
            if let shape = Self.shape(of: text) { Self.report(node.place, path, shape, &log) }
        case .null, .bool, .number: break
        }
    }

    private mutating func isSecret(_ key: String) -> Bool {
        if let known = judged[key] { return known }
        let isSecret = Self.isSecretKey(key)
        // Hostile files have other keys each time; they need no memory of ours.
        if judged.count < 1_000 { judged[key] = isSecret }
        return isSecret
    }

    private static func scanShapes(_ node: SourceNode, _ path: String, _ log: inout ProblemLog) {
        switch node.value {
        case .map(let members):
            for member in members { scanShapes(member.value, "\(path).\(member.key)", &log) }
        case .list(let items):
            for (index, item) in items.enumerated() { scanShapes(item, "\(path)[\(index)]", &log) }
        case .text(let text):
            if let shape = shape(of: text) { report(node.place, path, shape, &log) }
        case .null, .bool, .number: break
        }
    }

    private static func report(
        _ place: SourcePlace, _ path: String, _ what: String, _ log: inout ProblemLog
    ) {
        log.error(
            place, path, "\(what) looks like a literal secret",
            "name it under secrets: in daybook.yaml and write ${secret:NAME} here; "
                + "if it was committed, replace it at its source too")
    }

    private static func literal(_ node: SourceNode) -> String? {
        switch node.value {
        case .text(let text), .number(let text): text
        case .null, .bool, .list, .map: nil
        }
    }

    /// Whether a key's name says that its value is a secret.
    static func isSecretKey(_ key: String) -> Bool {
        let folded = key.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." && $0 != " " }
        let words = [
            "secret", "password", "passwd", "passphrase", "token", "apikey", "authorization",
            "privatekey", "accesskey", "accountkey", "credential", "connectionstring", "cookie",
        ]
        // Where a secret is, or what kind it has, is no secret: PASSWORD_FILE, token_url.
        let harmless = ["file", "path", "folder", "dir", "url", "uri", "name", "type", "ttl"]
        return words.contains { folded.contains($0) }
            && !harmless.contains { folded.hasSuffix($0) }
    }

    /// What a value looks like by its shape; `nil` for nothing known.
    static func shape(of text: String) -> String? {
        // No known shape is shorter than `a://b:c@`.
        guard text.utf8.count >= 8 else { return nil }
        let starts = [
            ("AKIA", 20, "this AWS access key"), ("ASIA", 20, "this AWS access key"),
            ("ghp_", 30, "this GitHub token"), ("gho_", 30, "this GitHub token"),
            ("ghs_", 30, "this GitHub token"), ("github_pat_", 30, "this GitHub token"),
            ("glpat-", 20, "this GitLab token"), ("xoxb-", 20, "this Slack token"),
            ("xoxp-", 20, "this Slack token"), ("sk_live_", 20, "this Stripe key"),
            ("whsec_", 20, "this webhook signing secret"), ("AIza", 35, "this Google key"),
            ("eyJ", 40, "this JSON web token"), ("npm_", 36, "this npm token"),
        ]
        let separators: Set<UInt8> = [0x09, 0x0A, 0x0D, 0x20, 0x22, 0x27, 0x2C, 0x3B, 0x3D, 0x26]
        for word in text.utf8.split(whereSeparator: { separators.contains($0) }) {
            for (start, byteCountMin, name) in starts
            where word.count >= byteCountMin && word.starts(with: start.utf8) { return name }
        }
        let marks = [
            ("-----BEGIN", "this private key"), ("AccountKey=", "this storage account key"),
            ("SharedAccessKey=", "this shared access key"),
            ("https://hooks.slack.com/services/T", "this Slack address"),
        ]
        for (mark, name) in marks where text.contains(mark) {
            if mark == "-----BEGIN", !text.contains("PRIVATE KEY-----") { continue }
            // A reference in the secret's place is what is asked for.
            if SecretReference.names(text).isEmpty { return name }
        }
        return hasURLPassword(text) ? "the password in this address" : nil
    }

    /// Whether a text holds `scheme://user:password@`.
    private static func hasURLPassword(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let scheme = text.utf8.firstRange(of: Array("://".utf8)) else { return false }
        let start = text.utf8.distance(from: text.utf8.startIndex, to: scheme.upperBound)
        let authority = bytes[start...].prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") }
        guard let at = authority.firstIndex(of: UInt8(ascii: "@")),
            let colon = authority[..<at].firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        let password = String(decoding: authority[(colon + 1)..<at], as: UTF8.self)
        return !password.isEmpty && SecretReference.names(password).isEmpty
    }
}
