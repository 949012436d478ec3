// The constants of sealed segments and their indexes. docs/format/sealed.md specifies the same to
// the byte.

extension LogFormat {
    /// The suffix of a sealed segment's name.
    static let sealedSuffix = ".lz4"
    /// The suffix of a sealed segment that is being made.
    static let sealingSuffix = ".sealing"
    /// The suffix of the index of a sealed segment.
    static let indexSuffix = ".idx"
    /// The suffix of an index that is being made.
    static let indexingSuffix = ".indexing"

    /// The magic of the skippable frame with the identity (LZ4 Frame Format, skippable frames).
    static let identityFrameMagic: UInt32 = 0x184D_2A50
    /// The magic of the skippable frame with the footer.
    static let footerFrameMagic: UInt32 = 0x184D_2A5F
    /// The magic of an LZ4 frame.
    static let dataFrameMagic: UInt32 = 0x184D_2204
    /// The magic and the size before a skippable frame's payload.
    static let skippableHeaderByteCount = 8

    /// What the identity starts with: `DAYBKSEG`, as a little-endian integer.
    static let identityMagic: UInt64 = 0x4745_534B_4259_4144
    /// What the footer starts with: `DAYBKEND`.
    static let footerMagic: UInt64 = 0x444E_454B_4259_4144
    /// What a sealed segment ends with: `DAYBKEOF`.
    static let endOfFileMagic: UInt64 = 0x464F_454B_4259_4144
    /// What an index starts with: `DAYBKIDX`.
    static let indexMagic: UInt64 = 0x5844_494B_4259_4144

    /// The most bytes of records in one frame.
    static let frameRawByteCountMax = 256 * 1_024
    /// An LZ4 frame's FLG: version 1, independent blocks, content size, content checksum.
    static let frameFlags: UInt8 = 0x6C
    /// An LZ4 frame's BD: blocks of 256 KiB at most.
    static let frameBlockDescriptor: UInt8 = 0x50
    /// Magic, FLG, BD, content size, header checksum.
    static let frameHeaderByteCount = 15
    /// What a frame has besides its block's bytes: header, block size, end mark, checksum.
    static let frameOverheadByteCount = frameHeaderByteCount + 12
    /// The longest frame: its block stored as it is.
    static let frameByteCountMax = frameRawByteCountMax + frameOverheadByteCount
    /// The most frames of a segment: 200 GiB of records at least, and a footer of 32 MiB.
    static let frameCountMax = 1 << 20

    /// The identity's payload before the frontier, and the footer's before the frames.
    static let identityFixedByteCount = 64
    static let footerFixedByteCount = 88
    /// A frame's entry in the footer.
    static let frameEntryByteCount = 32
    /// What ends the file: the footer's length and `DAYBKEOF`.
    static let sealedEndByteCount = 12

    /// In place of a time where none is known.
    static let noTime = Int64.min

    /// The version of the index's format: it is derived, so it has its own.
    static let indexVersion: UInt32 = 2
    /// The index's header, and one of its keys.
    static let indexFixedByteCount = 64
    static let indexKeyByteCount = 16
    /// What of an index is checked, and can be read, alone; no key straddles two pages.
    static let indexPageByteCount = 4_096
    /// The smallest index: no keys, one page.
    static let indexByteCountMin = indexFixedByteCount + 4 + 12
    /// The largest index: a guard of memory.
    ///
    /// One of a segment of 64 MiB has a few MiB.
    static let indexByteCountMax = 256 * 1_024 * 1_024
}
