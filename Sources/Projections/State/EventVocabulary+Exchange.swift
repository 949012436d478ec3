import Events

extension EventVocabulary {
    /// Gives each exchanged file, outcome and duplicate that an event is of, by its number: the
    /// sequence of the event that it began with.
    package static func forEachFile(
        of type: EventType, _ view: borrowing EventView, _ body: (UInt64) -> Void
    ) {
        func give(_ fields: Int...) {
            for field in fields where view.uint(field) != 0 { body(view.uint(field)) }
        }
        switch type {
        case .fileReceived: body(view.sequence)
        case .interchangeReceived: give(1)
        case .duplicateFound:
            body(view.sequence)
            give(1)
            if view.uint(2) != view.uint(1) { give(2) }
        case .duplicateResolved: give(1)
        case .outcomeReceived:
            body(view.sequence)
            give(9)
        case .fileGrouped:
            body(view.sequence)
            guard let event = try? view.payload(FileGrouped.self) else { return }
            for number in event.outcomes + event.ingestions { body(number) }
            give(13)
        case .fileBuilt, .fileChecked, .fileAssembled, .filePublished, .fileFailed: give(1)
        case .fileQuarantined, .fileAcknowledged: give(1, 2)
        case .controlNumbersIssued:
            // A file of ours names itself as the cause; what others call a file is a name of
            // theirs.
            let file = (try? view.text(8)).flatMap { UInt64($0) }
            if let file, file == view.cause { body(file) }
        case .alertRaised:
            let words = ((try? view.text(8)) ?? "").split(separator: " ")
            guard words.count > 1, ["file", "ingestion", "duplicate"].contains(words[0]),
                let number = UInt64(words[1])
            else { return }
            body(number)
        default: return
        }
    }
}
