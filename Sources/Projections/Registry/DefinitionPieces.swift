import Events

/// One field of a definition that several definitions have with the same bytes.
final class DefinitionPiece: Sendable {
    /// The field as it stands on the wire, its tag included.
    let bytes: [UInt8]
    let hash: UInt64

    init(_ bytes: [UInt8], _ hash: UInt64) {
        self.bytes = bytes
        self.hash = hash
    }
}

/// How a definition is put together: which of its fields are shared, and where its own stand.
///
/// Definitions that share the same fields share their shape too, so that for each of them one
/// reference stands for all that they have in common.
final class DefinitionShape: Sendable {
    /// In the order of the wire: a shared field, or nil for the next field of the definition's own.
    let pieces: [DefinitionPiece?]
    private let sharedByteCount: Int

    init(_ pieces: [DefinitionPiece?]) {
        self.pieces = pieces
        sharedByteCount = pieces.reduce(0) { $0 + ($1?.bytes.count ?? 0) }
    }

    /// The whole definition, from what it shares and its own fields.
    ///
    /// - Complexity: O(bytes).
    func joined(_ own: [UInt8]) -> [UInt8] {
        var whole: [UInt8] = []
        whole.reserveCapacity(sharedByteCount + own.count)
        // Safe: every byte of the array is initialised.
        var cursor = unsafe WireCursor(own.span.bytes)
        for piece in pieces {
            if let piece {
                whole += piece.bytes
                continue
            }
            let start = cursor.offset
            do throws(WireError) {
                _ = try cursor.next()
            } catch {
                preconditionFailure("a definition's own fields were read when it was split")
            }
            whole += own[start..<cursor.offset]
        }
        return whole
    }

    func isMade(of others: [DefinitionPiece?]) -> Bool {
        pieces.count == others.count && zip(pieces, others).allSatisfy { $0 === $1 }
    }
}

/// What definitions have in common, stored once: targets, parameters, calendars, alerts.
///
/// A million schedules have a few hundred targets, and a definition's bytes hold all of what it
/// says. So a definition is split at its top-level fields. A field whose bytes were seen before is
/// kept here, once; what is particular to one schedule stays with it. The first time that bytes
/// are seen only their hash is noted, so that what nobody shares costs nothing.
///
/// It is no part of the state: it changes no byte of a definition, and what is not found in it is
/// merely stored again. It is bounded by what living definitions use: whenever it has doubled,
/// what none uses any more is dropped.
package struct DefinitionPieces: Sendable {
    private var pieces: [UInt64: DefinitionPiece] = [:]
    private var shapes: [UInt64: DefinitionShape] = [:]
    /// Hashes of fields that were seen once, each in the place of its lowest bits.
    private var seen: [UInt64] = []
    private var sweepCount = DefinitionPieces.sweepCountMin
    private var scratch: [DefinitionPiece?] = []
    private var ownScratch: [UInt8] = []

    private static let seenCount = 4_096
    private static let sweepCountMin = 1_024
    /// A shorter field stays with its definition: were retries and minutes shared, there would be
    /// a shape for each of their combinations.
    private static let sharedByteCountMin = 6

    /// An empty table.
    package init() {}

    /// How many fields and shapes are kept.
    package var count: Int { pieces.count + shapes.count }

    /// Fields that are nearly always particular: id, description, cadence, interval.
    private static func isParticular(_ number: Int) -> Bool {
        number == 1 || number == 2 || number == 4 || number == 5
    }

    /// Stores a definition's bytes by what it shares with others.
    ///
    /// The bytes that it gives back stay the same; bytes that are no message are left whole.
    ///
    /// - Complexity: O(bytes), and now and then O(what is kept).
    package mutating func share(_ definition: inout DefinitionState) {
        let whole = definition.definition
        scratch.removeAll(keepingCapacity: true)
        ownScratch.removeAll(keepingCapacity: true)
        var isShared = false
        // Safe: every byte of the array is initialised.
        var cursor = unsafe WireCursor(whole.span.bytes)
        do throws(WireError) {
            while let field = try cursor.next() {
                let range = field.start..<cursor.offset
                let piece = Self.isParticular(field.number) ? nil : piece(whole, range)
                if piece == nil { ownScratch += whole[range] } else { isShared = true }
                scratch.append(piece)
            }
        } catch {
            return
        }
        guard isShared else { return }
        // A copy with the room that it needs: `Array(slice)` would hand on the large buffer.
        var own: [UInt8] = []
        own.reserveCapacity(ownScratch.count)
        own += ownScratch
        definition.store(own: own, shape())
        scratch.removeAll(keepingCapacity: true)
        if count > sweepCount { sweep() }
    }

    /// The shared field of these bytes, or nil where they are seen for the first time.
    private mutating func piece(_ whole: [UInt8], _ range: Range<Int>) -> DefinitionPiece? {
        if range.count < Self.sharedByteCountMin { return nil }
        // Safe: every byte of the array is initialised.
        let bytes = unsafe whole.span.bytes.extracting(range)
        var hash = PlaceHash()
        hash.take(bytes, 0, bytes.byteCount)
        if let known = pieces[hash.value] {
            // Other bytes with the same hash are not shared: that only costs room.
            let shared = known.bytes
            // Safe: as above.
            let isSame = unsafe shared.span.bytes.isSame(as: bytes)
            return isSame ? known : nil
        }
        if seen.isEmpty { seen = Array(repeating: 0, count: Self.seenCount) }
        let place = Int(truncatingIfNeeded: hash.value % UInt64(Self.seenCount))
        guard seen[place] == hash.value else {
            seen[place] = hash.value
            return nil
        }
        let made = DefinitionPiece(Array(whole[range]), hash.value)
        pieces[hash.value] = made
        return made
    }

    /// The shape of the fields in `scratch`.
    private mutating func shape() -> DefinitionShape {
        var hash = PlaceHash()
        for piece in scratch { hash.take(piece?.hash ?? 0) }
        let known = shapes[hash.value]
        if let known, known.isMade(of: scratch) { return known }
        let made = DefinitionShape(scratch.map { $0 })
        if known == nil { shapes[hash.value] = made }
        return made
    }

    /// Drops what no definition uses: shapes first, for they hold fields.
    private mutating func sweep() {
        Self.dropUnused(&shapes)
        Self.dropUnused(&pieces)
        sweepCount = max(Self.sweepCountMin, 2 * count)
    }

    private static func dropUnused<Item: AnyObject>(_ items: inout [UInt64: Item]) {
        var unused: [UInt64] = []
        // By hand: `items.indices` would hold a copy, and then nothing is referenced only here.
        var index = items.startIndex
        while index != items.endIndex {
            if isKnownUniquelyReferenced(&items.values[index]) { unused.append(items.keys[index]) }
            index = items.index(after: index)
        }
        for key in unused { items[key] = nil }
    }
}
