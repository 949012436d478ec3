import Foundation

/// `${secret:NAME}` in a text.
enum SecretReference {
    /// Whether a text can be a secret's name.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= Limits.identifierByteCountMax
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }

    /// A text in parts: what stands there, and what is referred to.
    enum Part: Equatable {
        case literal(String)
        case secret(String)
    }

    /// The parts of a text; `nil` where a `${` is not a whole reference to a secret.
    static func parts(_ text: String) -> [Part]? {
        var parts: [Part] = []
        var literal = ""
        var rest = Substring(text)
        while let dollar = rest.range(of: "${") {
            let before = rest[..<dollar.lowerBound]
            literal += before
            guard let end = rest[dollar.upperBound...].firstIndex(of: "}") else { return nil }
            let token = rest[dollar.upperBound..<end]
            guard token.hasPrefix("secret:") else { return nil }
            let name = String(token.dropFirst("secret:".count))
            guard isName(name) else { return nil }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            parts.append(.secret(name))
            rest = rest[rest.index(after: end)...]
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    /// The names that a text refers to.
    static func names(_ text: String) -> [String] {
        (parts(text) ?? []).compactMap { if case .secret(let name) = $0 { name } else { nil } }
    }
}

/// What an address of a target must be.
enum URLRule {
    /// What is wrong with an address; `nil` where nothing is.
    ///
    /// The address is never repeated, since
    /// it may hold a secret.
    static func fault(_ text: String) -> String? {
        guard text.utf8.count <= 2_048,
            // RFC 3986 leaves these out of addresses; Foundation would escape them silently.
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !#""<>\^`{|}"#.utf8.contains($0) }),
            let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = url.host, !host.isEmpty
        else { return "this is not an http or https address" }
        if url.user != nil || url.password != nil {
            return "the address holds a user name or a password"
        }
        return url.fragment == nil ? nil : "the address has a fragment (#), which is never sent"
    }
}
