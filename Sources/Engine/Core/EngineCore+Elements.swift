import Events
import Projections

/// A job that was fanned out, as what others wait for: its name stands for all of its elements.
///
/// The configuration puts the elements in its place when it is read. A schedule of the API waits
/// by the job's name, for those that there are when it looks: they come and go.
extension EngineCore {
    /// An element's schedule.
    struct Element: Sendable {
        let jobId: String
        var isEnabled: Bool
    }

    /// Notes a schedule under its job, where it is of an element.
    ///
    /// - Complexity: O(the job's elements), O(1) for any other schedule.
    mutating func noteElement(_ outline: ScheduleOutline, tenant: String) {
        let key = ScheduleKey(tenant, outline.jobId)
        guard let job = key.fannedOutJob else { return }
        var elements = elementsOfJob.removeValue(forKey: job) ?? []
        var (low, high) = (0, elements.count)
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].jobId.utf8.lexicographicallyPrecedes(key.jobId.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        if low < elements.count, elements[low].jobId == key.jobId {
            elements[low].isEnabled = outline.isEnabled
        } else {
            elements.insert(Element(jobId: key.jobId, isEnabled: outline.isEnabled), at: low)
        }
        elementsOfJob[job] = elements
    }

    /// The elements of a job that are there and enabled, in the order of their ids.
    ///
    /// - Complexity: O(elements).
    func elements(of job: ScheduleKey) -> [ScheduleState] {
        (elementsOfJob[job] ?? []).compactMap { element in
            guard element.isEnabled,
                let known = state.schedules[ScheduleKey(job.tenant, element.jobId)],
                !known.isRemoved
            else { return nil }
            return known
        }
    }

    /// Schedules were removed or changed: where they were elements, what waits for their job may
    /// have nothing left to wait for.
    mutating func elementsChanged(_ keys: [ScheduleKey]) throws {
        let jobs = Set(keys.compactMap(\.fannedOutJob)).filter { waitingForJob[$0] != nil }
        for job in jobs.sorted(by: { $0.jobId.utf8.lexicographicallyPrecedes($1.jobId.utf8) }) {
            let waiting = waitingForJob.removeValue(forKey: job) ?? []
            for number in waiting.sorted() { try passGates(number) }
        }
    }

    /// Forgets the elements that are no more.
    mutating func sweepElements() {
        for (job, elements) in elementsOfJob {
            let left = elements.filter {
                state.schedules[ScheduleKey(job.tenant, $0.jobId)]?.isRemoved == false
            }
            if left.count != elements.count { elementsOfJob[job] = left.isEmpty ? nil : left }
        }
    }

    /// How a job stands, by how each of its elements does: all are ready, or one is lost.
    func readiness(
        of elements: [ScheduleState], _ dependency: Dependency, _ date: String
    ) -> Readiness {
        var isWaiting = false
        for element in elements {
            switch Self.readiness(element, element.jobId, dependency.condition, date) {
            case .ready: continue
            case .waiting: isWaiting = true
            case .lost(let isSkipped, let message):
                return .lost(isSkipped: isSkipped, message)
            }
        }
        return isWaiting
            ? .waiting : .ready("its \(elements.count) elements are through for \(date)")
    }
}

extension ScheduleKey {
    /// The job of which this is an element's schedule, `JOB[ELEMENT]`; nil for any other.
    var fannedOutJob: ScheduleKey? {
        ElementId(jobId).map { ScheduleKey(tenant, $0.job) }
    }
}
