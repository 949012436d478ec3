import Events
import Foundation

/// What is known of a kept file without reading it: the sidecar that stands beside it.
///
/// As JSON it is one object, its members in this order, empty ones left out: the same metadata are
/// the same bytes. Control numbers are text, with their zeros, as the file has them.
public struct FileMetadata: Sendable, Equatable, Codable {
    /// The file of ours: the sequence of its `grouped` event; nil for a received one.
    public var outboundFileId: UInt64?
    /// The received file: the sequence of its `received` event, where that is known.
    public var ingestionId: UInt64?
    /// The partner.
    public var partnerCode = ""
    /// The type, such as `271`; empty where it is not known.
    public var transactionType: String?
    /// ISA13; of a received file, of its first interchange.
    public var isa13: String?
    /// ISA13 of each interchange of a received file that was accepted; nil where that is not known.
    public var accepted: [String]?
    /// GS06, of every group in order.
    public var gs06: [String]?
    /// ST02, of every set in order.
    public var st02: [String]?
    /// The received files that it answers.
    public var originalIngestionIds: [UInt64]?
    /// When it was made or came: ISO 8601 in UTC with microseconds.
    public var createdUtc = ""
    /// The size of its content in bytes.
    public var fileSize: UInt64 = 0
    /// How many X12 segments it has.
    public var segmentCount: UInt64?
    /// The SHA-256 of its content, hex.
    public var sha256 = ""
    /// How it came: `folder` or `api`.
    public var source: String?
    /// The name that its sender gave it, which may hold a person's name: it stands here alone.
    public var originalName: String?

    /// The most bytes of a sidecar that is read.
    public static let byteCountMax = 1 << 20

    /// Metadata of a file that was made, or came, at a time in µs.
    public init(partner: String, createdAt: Int64) {
        partnerCode = partner
        createdUtc = UTCText.of(microseconds: createdAt)
    }

    /// Whether it holds what a sender chose, and so is encrypted where files are.
    public var isConfidential: Bool { originalName != nil }

    /// As JSON, a line feed at the end.
    public var json: [UInt8] {
        var text = JSONText()
        if let outboundFileId { text.member("outboundFileId", json: String(outboundFileId)) }
        if let ingestionId { text.member("ingestionId", json: String(ingestionId)) }
        text.member("partnerCode", text: partnerCode)
        if let transactionType { text.member("transactionType", text: transactionType) }
        if let isa13 { text.member("isa13", text: isa13) }
        if let accepted {
            text.member("accepted", json: Self.array(accepted.map(JSONText.quoted)))
        }
        if let gs06 { text.member("gs06", json: Self.array(gs06.map(JSONText.quoted))) }
        if let st02 { text.member("st02", json: Self.array(st02.map(JSONText.quoted))) }
        if let originalIngestionIds {
            let ids = originalIngestionIds.map { String($0) }
            text.member("originalIngestionIds", json: Self.array(ids))
        }
        text.member("createdUtc", text: createdUtc)
        text.member("fileSize", json: String(fileSize))
        if let segmentCount { text.member("segmentCount", json: String(segmentCount)) }
        text.member("sha256", text: sha256)
        if let source { text.member("source", text: source) }
        if let originalName { text.member("originalName", text: originalName) }
        return Array(text.object.utf8) + [UInt8(ascii: "\n")]
    }

    private static func array(_ items: [String]) -> String {
        "[" + items.joined(separator: ",") + "]"
    }

    /// The metadata that JSON holds; members that it does not know are left aside.
    public init(json: [UInt8]) throws(ExchangeError) {
        do {
            guard json.count <= Self.byteCountMax else { throw CocoaError(.coderReadCorrupt) }
            self = try JSONDecoder().decode(FileMetadata.self, from: Data(json))
        } catch {
            // Not the decoder's own words, which may repeat what is there.
            throw ExchangeError(
                "metadata",
                "this is no metadata of a kept file: not one JSON object of at most "
                    + "\(Self.byteCountMax) bytes with partnerCode, createdUtc, fileSize and "
                    + "sha256. Bring the sidecar back from a copy")
        }
    }
}

extension ExchangeStore {
    /// What is known of a file, from its sidecar, in its tier or a later one.
    public func metadata(of path: ExchangePath) throws(ExchangeError) -> FileMetadata {
        try FileMetadata(
            json: read(path.sidecar, byteCountMax: FileMetadata.byteCountMax))
    }

    /// The same; nil where nothing stands beside the file, or nothing that can be read.
    func metadataIfAny(of path: ExchangePath) throws(ExchangeError) -> FileMetadata? {
        do throws(ExchangeError) {
            return try metadata(of: path)
        } catch {
            if error.code == "missing" || error.code == "metadata" { return nil }
            throw error
        }
    }
}
