import Crypto
import EventLog

/// A key of 256 bits, under which files of the exchange folder are encrypted.
///
/// It is shown by its id alone.
public struct FileKey: Sendable, CustomStringConvertible {
    let bytes: [UInt8]
    /// The first 8 bytes of SHA-256 of `daybook exchange key id 1`, a zero byte and the key.
    let id: [UInt8]

    /// A key from a secret's text: 64 hexadecimal digits, or base 64 with its padding; white space
    /// around it does not count.
    ///
    /// - Parameter name: what the error calls it, such as the secret's name.
    public init(text: String, name: String) throws(ExchangeError) {
        let space = Set(" \t\r\n".utf8)
        var bytes = Array(text.utf8.drop { space.contains($0) })
        while let last = bytes.last, space.contains(last) { bytes.removeLast() }
        guard let key = Self.hex(bytes) ?? Base64.decode(bytes[...]), key.count == 32 else {
            throw ExchangeError(
                "key",
                "\(name) is no key of 256 bits: give 64 hexadecimal digits, or 44 characters of "
                    + "base 64, for instance from `openssl rand -hex 32`")
        }
        self.bytes = key
        var hash = SHA256()
        hash.update(data: Array("daybook exchange key id 1\0".utf8))
        hash.update(data: key)
        id = Array(hash.finalize().prefix(8))
    }

    /// The id, in hexadecimal digits.
    public var description: String { Digest.text(id) }

    private static func hex(_ text: [UInt8]) -> [UInt8]? {
        guard text.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: 64, by: 2) {
            let digits = String(decoding: text[place..<place + 2], as: UTF8.self)
            guard let value = UInt8(digits, radix: 16), text[place] != UInt8(ascii: "+"),
                text[place] != UInt8(ascii: "-")
            else { return nil }
            bytes.append(value)
        }
        return bytes
    }
}

/// SHA-256 as text.
enum Digest {
    /// Hexadecimal digits in lower case.
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// Of bytes.
    static func sha256(_ bytes: [UInt8]) -> String { text(SHA256.hash(data: bytes)) }
}
