import Synchronization

/// The zones of one folder of TZif files, each read once, when it is first asked for.
///
/// UTC works without any data. The catalog may be shared between threads.
public final class ZoneCatalog: Sendable {
    /// Where Debian's tzdata package keeps its zones.
    public static let systemFolder = "/usr/share/zoneinfo"

    /// The folder of the TZif files.
    public let folder: String
    /// The release of the data, such as `2025b`, from the first line of `tzdata.zi`; `unknown`
    /// where that file is missing or has no such line.
    public let version: String
    /// FNV-1a, 64 bits, over the bytes of `tzdata.zi`, the source of all zones of a release.
    ///
    /// 0 where that file is missing. Each `Zone` has the hash of its own file besides.
    public let dataHash: UInt64

    /// All names that `tzdata.zi` defines, sorted; empty where that file is missing.
    public let names: [String]
    /// Zones read so far, by name.
    ///
    /// Whoever misses reads the file outside the lock.
    private let cache = Mutex<[String: (zone: Zone, data: [UInt8])]>([:])

    /// The largest zone file of 2025b has 3.9 KB, and `tzdata.zi` 110 KB.
    private static let zoneByteCountMax = 1 << 20
    private static let sourceByteCountMax = 8 << 20

    /// Opens a folder of zone data; reads `tzdata.zi` there, if it exists, and no zone yet.
    public init(folder: String = ZoneCatalog.systemFolder) throws(TimetableError) {
        self.folder = folder
        let source = try ZoneFile.read(
            path: folder + "/tzdata.zi", byteCountMax: ZoneCatalog.sourceByteCountMax)
        dataHash = source.map(FNV1a.hash) ?? 0
        let text = source.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lines = text.split(separator: "\n")
        let lead = "# version "
        if let first = lines.first, first.hasPrefix(lead) {
            version = String(first.dropFirst(lead.count).prefix(32))
        } else {
            version = "unknown"
        }
        names = ZoneNames.list(in: lines)
    }

    /// The zone of an IANA name, read from its file the first time.
    ///
    /// Throws `invalidZoneName` for a name that could leave the folder, `unknownZone`, with near
    /// matches, where there is no such file, and `invalidZoneData` where the file is damaged.
    public func zone(_ name: String) throws(TimetableError) -> Zone {
        if name == "UTC" || name == "Etc/UTC" { return name == "UTC" ? .utc : .etcUTC }
        if let known = cache.withLock({ $0[name]?.zone }) { return known }
        try ZoneNames.validate(name)
        let bytes = try ZoneFile.read(
            path: "\(folder)/\(name)", byteCountMax: ZoneCatalog.zoneByteCountMax)
        guard let bytes, bytes.starts(with: "TZif".utf8) else { throw unknown(name) }
        let zone = try Zone(name: name, tzif: bytes)
        // Should another thread have been quicker, its zone stays, so that all share one.
        return cache.withLock { zones in
            if let known = zones[name] { return known.zone }
            zones[name] = (zone, bytes)
            return zone
        }
    }

    /// The bytes of a zone's TZif file, as they were when the zone was read; empty for UTC.
    ///
    /// Throws as `zone` does.
    public func data(_ name: String) throws(TimetableError) -> [UInt8] {
        _ = try zone(name)
        return cache.withLock { $0[name]?.data ?? [] }
    }

    /// The zones read so far, sorted by name, for a record of what was used.
    public var loadedZones: [Zone] {
        cache.withLock { $0.values.map(\.zone) }.sorted { $0.name < $1.name }
    }

    private func unknown(_ name: String) -> TimetableError {
        let near = ZoneNames.near(name, among: names)
        let hint: String
        if near.isEmpty {
            hint =
                names.isEmpty
                ? "There is no zone data in \(folder); install the tzdata package."
                : "Use a name of the IANA database, such as Europe/Berlin."
        } else {
            hint = "Did you mean \(near.joined(separator: " or "))?"
        }
        return TimetableError(
            .unknownZone,
            "there is no zone \(quoted(name)) in the zone data (version \(version)). \(hint)",
            field: "zone")
    }
}

extension Zone {
    /// UTC under its other name.
    static let etcUTC = Zone(name: "Etc/UTC", dataHash: 0, table: Zone.utc.table)
}
