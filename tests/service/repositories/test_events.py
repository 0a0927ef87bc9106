"""Pages of everything that happened to a job."""

from sqlalchemy import delete

from service.database.sessions import Database
from service.database.tables import Transition
from service.epochs import repository as epochs
from service.events import repository as events
from service.lifecycle import transitions
from tests.service.stored import PROGRESS, add_job, claim, epoch


def test_a_page_ends_before_what_it_cannot_see_yet(database: Database) -> None:
    """As when another transaction commits between two of the queries of a page."""
    with database.write() as session:
        add_job(session)
        lease = claim(session)
        epochs.append(session, lease, [epoch(1), epoch(2)], PROGRESS)
        whole = events.page(session, lease.job_id, limit=10)
        session.execute(delete(Transition).where(Transition.seq == 2))
        assert [event.seq for event in whole] == [1, 2, 3, 4]
        assert [event.seq for event in events.page(session, lease.job_id, limit=10)] == [1]
        later = events.page(session, lease.job_id, after=2, limit=1)
        assert [event.seq for event in later] == [3]
        assert [row.seq for row in transitions.page(session, lease.job_id, limit=10)] == [1]
