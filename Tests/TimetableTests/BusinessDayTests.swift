import Testing
import Timetable

@Suite struct BusinessDayTests {
    private func date(_ text: String) throws -> CivilDate { try CivilDate(parsing: text) }

    private func calendar(
        _ name: String, _ weekend: Set<Weekday>, _ days: [String: String], until: String? = nil
    ) throws -> BusinessCalendar {
        var holidays: [CivilDate: String] = [:]
        for (day, name) in days { holidays[try date(day)] = name }
        return BusinessCalendar(
            name: name, weekend: weekend, holidays: holidays, validThrough: try until.map(date))
    }

    @Test("Business days are counted forward, back, and not beyond the calendar")
    func adding() throws {
        let us = try calendar(
            "us", [.saturday, .sunday], ["2026-01-01": "New Year"], until: "2026-01-31")
        #expect(us.adding(businessDays: 1, to: try date("2025-12-31")) == (try date("2026-01-02")))
        #expect(us.adding(businessDays: 5, to: try date("2026-01-02")) == (try date("2026-01-09")))
        #expect(us.adding(businessDays: -1, to: try date("2026-01-02")) == (try date("2025-12-31")))
        #expect(us.adding(businessDays: 0, to: try date("2026-01-03")) == (try date("2026-01-05")))
        #expect(us.adding(businessDays: 2, to: try date("2026-01-29")) == nil)
        #expect(us.rolled(try date("2026-01-31"), by: .following) == nil)
        // The month's end is unknown, and so is every day counted from there.
        #expect(us.rolled(try date("2026-01-31"), by: .preceding) == (try date("2026-01-30")))
        #expect(us.businessDay(-1, ofMonth: 1, year: 2026) == (try date("2026-01-30")))
        #expect(us.businessDay(-1, ofMonth: 2, year: 2026) == nil)
        #expect(us.businessDay(0, ofMonth: 1, year: 2026) == nil)
        let never = try calendar("never", Set(Weekday.allCases), [:])
        #expect(never.rolled(try date("2026-01-01"), by: .following) == nil)
        #expect(never.adding(businessDays: 1, to: try date("2026-01-01")) == nil)
    }

    @Test("Union, intersection and difference answer for every day as their words say")
    func sets() throws {
        let one = try calendar(
            "one", [.saturday, .sunday],
            ["2026-01-01": "New Year", "2026-01-06": "Epiphany", "2026-01-09": "A Friday"],
            until: "2026-12-31")
        let two = try calendar(
            "two", [.friday, .saturday],
            ["2026-01-01": "New Year", "2026-01-07": "Christmas", "2026-01-04": "A Sunday"],
            until: "2026-06-30")
        let (union, intersection) = (one.union(two), one.intersection(two))
        let difference = one.subtracting(two)
        #expect(union.validThrough == two.validThrough)
        #expect(intersection.validThrough == two.validThrough)
        var day = try date("2025-12-20")
        while day <= (try date("2026-06-30")) {
            let (isOpen1, isOpen2) = (
                one.isBusinessDay(day) == .yes, two.isBusinessDay(day) == .yes
            )
            #expect((union.isBusinessDay(day) == .yes) == (isOpen1 && isOpen2), "\(day)")
            #expect((intersection.isBusinessDay(day) == .yes) == (isOpen1 || isOpen2), "\(day)")
            let isFreed = one.holidays[day] != nil && two.holidays[day] != nil
            #expect((difference.isBusinessDay(day) == .yes) == (isOpen1 || isFreed), "\(day)")
            day = day.adding(days: 1)
        }
        #expect(union.holidays[try date("2026-01-01")] == "New Year")
        #expect(
            difference.holidays.keys.sorted().map(\.description) == ["2026-01-06", "2026-01-09"])
    }

    @Test("A change is told as dates added, removed and renamed")
    func difference() throws {
        let old = try calendar("c", [.sunday], ["2026-01-01": "a", "2026-01-02": "b"])
        let new = try calendar(
            "c", [.saturday, .sunday], ["2026-01-02": "B", "2026-01-03": "c"], until: "2026-12-31")
        let change = CalendarDifference(from: old, to: new)
        #expect(change.added == [try date("2026-01-03")])
        #expect(change.removed == [try date("2026-01-01")])
        #expect(change.renamed.map(\.new) == ["B"] && change.renamed.map(\.old) == ["b"])
        #expect(change.weekend?.new == [.saturday, .sunday])
        #expect(change.validThrough?.old == nil)
        #expect(!change.isEmpty && CalendarDifference(from: old, to: old).isEmpty)
        #expect(change != CalendarDifference(from: old, to: old))
    }
}
