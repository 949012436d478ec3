import DaybookConfiguration
import Engine
import Events
import Foundation
import Timetable

/// Files of business calendars, as people name them on the command line.
enum CalendarFile {
    /// Larger files are no calendars of holidays.
    private static let byteCountMax = 8 << 20

    /// Whether a file is one of the configuration's own, and not an iCalendar file.
    static func isConfiguration(_ file: String) -> Bool {
        [".json", ".yaml", ".yml"].contains { file.hasSuffix($0) }
    }

    /// The calendar of a file of either kind.
    static func businessCalendar(
        _ file: String, _ zones: ZoneCatalog
    ) throws(CommandFailure) -> BusinessCalendar {
        if isConfiguration(file) { return try configured(file, zones) }
        let calendar = try parsed(file, zones, floating: .utc)
        do throws(TimetableError) {
            return try calendar.businessCalendar()
        } catch {
            throw .no("\(file): \(error)")
        }
    }

    /// The calendar of a configuration's file.
    static func configured(
        _ file: String, _ zones: ZoneCatalog
    ) throws(CommandFailure) -> BusinessCalendar {
        let (definition, problems) = loadCalendar(file: file, zones: zones)
        guard let definition, let calendar = BusinessCalendar(definition) else {
            throw .no(
                "\(file) cannot be read as a calendar. Mend what is listed below.",
                detail: problems.filter { $0.severity == .error }.prefix(5).map(\.description))
        }
        return calendar
    }

    /// An iCalendar file.
    static func parsed(
        _ file: String, _ zones: ZoneCatalog, floating: Zone
    ) throws(CommandFailure) -> ICSCalendar {
        let bytes = try read(file)
        do throws(TimetableError) {
            return try ICSCalendar.parse(bytes, zones: zones, floating: floating)
        } catch {
            throw .no("\(file): \(error)")
        }
    }

    private static func read(_ file: String) throws(CommandFailure) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw .misuse("'\(file)' cannot be opened. Give a calendar file that you may read.")
        }
        do {
            // One byte more than is allowed, so that the parser can say that there are too many.
            let data = try handle.read(upToCount: byteCountMax + 1) ?? Data()
            try handle.close()
            return Array(data)
        } catch {
            throw .no("'\(file)' cannot be read: \(error.localizedDescription). Check the file.")
        }
    }
}
