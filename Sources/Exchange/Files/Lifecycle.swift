import Timetable

/// After how many days files are kept elsewhere, and at last not any more.
///
/// A file of day D is *older than n days* from day D + n + 1 on, so that it has been kept for n
/// whole days.
public struct LifecycleSettings: Sendable, Equatable {
    /// Older ones go to `cool/`.
    public let hotDays: Int
    /// Older ones go to `archive/`.
    public let archiveDays: Int
    /// Older ones are deleted; 0 for never.
    public let deleteDays: Int

    /// Seven years, two leap days in them: files are kept at least so long.
    public static let deleteDaysMin = 2_557

    /// Settings; the error says which one cannot be.
    public init(hotDays: Int, archiveDays: Int, deleteDays: Int) throws(ExchangeError) {
        let daysMax = 36_525
        guard (1...daysMax).contains(hotDays), (hotDays...daysMax).contains(archiveDays) else {
            throw ExchangeError(
                "lifecycle",
                "files cannot go to cool/ after \(hotDays) and to archive/ after \(archiveDays) "
                    + "days: give 1 to \(daysMax) for both, the second not below the first")
        }
        let least = max(Self.deleteDaysMin, archiveDays)
        guard deleteDays == 0 || (least...daysMax).contains(deleteDays) else {
            throw ExchangeError(
                "lifecycle",
                "files cannot be deleted after \(deleteDays) days: give \(least) to \(daysMax), or "
                    + "0 for never")
        }
        self.hotDays = hotDays
        self.archiveDays = archiveDays
        self.deleteDays = deleteDays
    }
}

/// Files that are not deleted, whatever their age; they may be moved to another tier.
public struct LegalHold: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// The partner; nil for all.
    public let partner: String?
    /// The first day of the files; nil for all days before.
    public let from: CivilDate?
    /// The last day; nil for all days after.
    public let through: CivilDate?

    /// A hold, with days as `YYYY-MM-DD`; empty texts for all partners, and for no first or last
    /// day, as in events.
    public init(
        name: String, partner: String, from: String, through: String
    ) throws(ExchangeError) {
        self.name = name
        self.partner = partner.isEmpty ? nil : partner
        self.from = try Self.day(from, name)
        self.through = try Self.day(through, name)
        if let first = self.from, let last = self.through, last < first {
            throw ExchangeError(
                "hold", "the hold \(name) ends before it begins; exchange the two days")
        }
    }

    private static func day(_ text: String, _ name: String) throws(ExchangeError) -> CivilDate? {
        if text.isEmpty { return nil }
        guard let day = CivilDate(dayText: text) else {
            throw ExchangeError("hold", "a day of the hold \(name) is not YYYY-MM-DD; give it so")
        }
        return day
    }

    /// Whether it holds a file.
    ///
    /// A file that names no partner, such as one of outcomes, may be any partner's, so every hold
    /// of its day holds it.
    public func covers(partner: String?, date: CivilDate) -> Bool {
        if let held = self.partner, let partner, held != partner { return false }
        if let from, date < from { return false }
        if let through, date > through { return false }
        return true
    }
}

/// What is to become of old files: decided from paths alone, without a look at the disk.
public enum Lifecycle {
    /// What is to become of a file.
    public enum Act: Sendable, Hashable {
        /// It goes to another tier.
        case move(ExchangeTier)
        /// It is deleted.
        case delete
    }

    /// The act for a file, or nil where it stays: where its path says no day, it always does.
    ///
    /// Never back to an earlier tier, and never deleted against a hold.
    public static func act(
        for path: ExchangePath, settings: LifecycleSettings, holds: [LegalHold], today: CivilDate
    ) -> Act? {
        guard !path.isDropped, let date = path.date else { return nil }
        let partner = path.partner
        let age = today.daysSinceEpoch - date.daysSinceEpoch
        if settings.deleteDays > 0, age > settings.deleteDays,
            !holds.contains(where: { $0.covers(partner: partner, date: date) })
        {
            return .delete
        }
        let tier: ExchangeTier =
            age > settings.archiveDays ? .archive : age > settings.hotDays ? .cool : .hot
        return path.tier.isBefore(tier) ? .move(tier) : nil
    }

    /// The acts for files, in the order of their paths; at most `countMax`.
    public static func plan(
        _ paths: [ExchangePath], settings: LifecycleSettings, holds: [LegalHold],
        today: CivilDate, countMax: Int
    ) -> LifecyclePlan {
        var plan = LifecyclePlan()
        for path in paths.sorted() {
            guard let act = act(for: path, settings: settings, holds: holds, today: today) else {
                continue
            }
            guard plan.items.count < countMax else {
                plan.isWhole = false
                break
            }
            plan.items.append(LifecycleItem(path: path, act: act))
        }
        return plan
    }
}

/// A file, and what is to become of it.
public struct LifecycleItem: Sendable, Hashable {
    /// Where it is.
    public let path: ExchangePath
    /// What is to become of it.
    public let act: Lifecycle.Act

    /// An item.
    public init(path: ExchangePath, act: Lifecycle.Act) {
        self.path = path
        self.act = act
    }
}

/// What one pass is to do.
public struct LifecyclePlan: Sendable, Equatable {
    /// File by file.
    public var items: [LifecycleItem] = []
    /// Whether that is all for today; else another pass goes on.
    public var isWhole = true

    /// A plan with nothing in it.
    public init() {}
}

/// What a pass did.
public struct LifecycleReport: Sendable, Equatable {
    /// How many files went to another tier.
    public var movedCount = 0
    /// How many were deleted.
    public var deletedCount = 0
    /// How many were left, because a hold had been placed since the plan.
    public var heldCount = 0
    /// The first files that could not be, each with its error; they stay and are tried again by
    /// the next pass.
    public var failures: [String] = []
    /// How many could not be.
    public var failedCount = 0

    /// The most failures that are told one by one.
    public static let failuresMax = 20

    /// Of a pass that did nothing.
    public init() {}
}
