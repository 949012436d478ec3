import SystemPackage

/// What an index is to the sealed segment beside it (docs/format/sealed.md).
enum IndexFinding: Sendable {
    /// There is none.
    case missing
    /// It does not pass for good: it is made anew when it is needed.
    case ignored
    /// It passes for this segment's own, and cannot be.
    case impossible(String)
    case good

    static func check(
        _ name: SequenceNumber, of segment: SealedSegment, paths: LogPaths, disk: any Disk
    ) -> IndexFinding {
        let bytes: [UInt8]
        switch IndexHead.read(name, paths: paths, disk: disk) {
        case .success((let found, let head)):
            guard head.identity == segment.header.identity, head.footerCRC == segment.footer.crc
            else { return .ignored }
            bytes = found
        case .failure(let problem): return problem == .missing ? .missing : .ignored
        }
        guard let index = try? SegmentIndex(bytes) else {
            return .impossible("its keys or their sequences cannot be")
        }
        return index.endSequence == segment.endSequence
            ? .good : .impossible("it is of another number of records than its segment")
    }
}

/// The fields of an index whose checksum holds, whatever the rest of it says.
struct IndexHead: Sendable {
    let identity: LogIdentity
    let footerCRC: UInt32
    /// The sequence after the last; nil beyond what a sequence can be.
    let endSequence: UInt64?

    /// Why a file is not one.
    enum Problem: Error { case missing, unusable }

    /// The bytes of the index file of a segment, and what they say of themselves.
    static func read(
        _ name: SequenceNumber, paths: LogPaths, disk: any Disk
    ) -> Result<([UInt8], IndexHead), Problem> {
        let found: [UInt8]?
        do throws(DiskError) {
            found = try disk.contents(
                of: paths.index(name), byteCountMax: LogFormat.indexByteCountMax)
        } catch {
            return .failure(error.errno == .noSuchFileOrDirectory ? .missing : .unusable)
        }
        guard let found, let head = IndexHead(found, name) else { return .failure(.unusable) }
        return .success((found, head))
    }

    private init?(_ bytes: [UInt8], _ name: SequenceNumber) {
        // Safe: the bytes of an array, which lives to the end of the call.
        let span = unsafe bytes.span.bytes
        guard span.byteCount >= LogFormat.indexByteCountMin,
            span.load(0, as: UInt64.self) == LogFormat.indexMagic,
            Checksum.crc32c(span.extracting(0..<(span.byteCount - 4)))
                == span.load(span.byteCount - 4, as: UInt32.self),
            span.load(8, as: UInt32.self) == LogFormat.indexVersion,
            span.load(32, as: UInt64.self) == name.rawValue
        else { return nil }
        footerCRC = span.load(12)
        identity = LogIdentity(
            low: span.load(16, as: UInt64.self), high: span.load(24, as: UInt64.self))
        let (end, overflow) = name.rawValue.addingReportingOverflow(span.load(40, as: UInt64.self))
        endSequence = overflow ? nil : end
    }
}
