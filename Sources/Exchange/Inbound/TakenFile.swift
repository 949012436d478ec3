/// A file that was taken out of the folder in which it was dropped, or came by the API, and is
/// being received: `inbound/_taken/PARTNER~KEY~SOURCE~NAME`.
///
/// The name says all that a start needs to go on with it after a kill: the key under which the
/// engine takes it once, and the name that its sender gave it.
struct TakenFile: Hashable, Sendable {
    /// How it came.
    enum Source: String, Sendable {
        case folder
        case api
    }

    /// The partner.
    let partner: String
    /// The key under which it is received once: 32 hexadecimal digits.
    let key: String
    /// How it came.
    let source: Source
    /// The name that its sender gave it; cut where it is long, empty for none.
    let originalName: String

    private static let originalByteCountMax = 120
    /// What stands in the partner's place of a file of outcomes, which may be of many.
    static let spool = "spool"

    init(partner: String, key: String, source: Source, originalName: String) {
        self.partner = partner
        self.key = key
        self.source = source
        var name = originalName
        while name.utf8.count > Self.originalByteCountMax { name.removeLast() }
        self.originalName = name
    }

    /// The file that a name is; nil for any other name.
    init?(name: String) {
        let parts = name.split(separator: "~", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, ExchangePath.isPartner(parts[0]), Self.isKey(parts[1]),
            let source = Source(rawValue: String(parts[2]))
        else { return nil }
        self.init(
            partner: String(parts[0]), key: String(parts[1]), source: source,
            originalName: String(parts[3]))
    }

    private static func isKey(_ text: Substring) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Its name.
    var name: String { "\(partner)~\(key)~\(source.rawValue)~\(originalName)" }

    /// Where it lies.
    func path(in folder: String = TakenFile.inbound) throws(ExchangeError) -> ExchangePath {
        try ExchangePath(folder + "/" + name)
    }

    /// Where partners' files lie that are being received.
    static let inbound = "inbound/_taken"

    /// A key that nothing else has.
    static func randomKey() -> String {
        var random = SystemRandomNumberGenerator()
        return Digest.text((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }

    /// The key of a request that its caller named: the same name is the same key.
    static func key(of request: String, partner: String) -> String {
        String(Digest.sha256(Array("\(partner)\0\(request)".utf8)).prefix(32))
    }
}
