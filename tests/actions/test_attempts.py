"""From the start to the evidence, as a taker and a manager see it over HTTP."""

from tests.world import World


def test_the_main_job(world: World) -> None:
    taker = world.client("trainee")
    attempt = taker.start()
    for position, fields in world.right_answers(attempt).items():
        assert taker.save(attempt, position, fields).status_code == 200
    reply = taker.post(f"/attempts/{attempt}/finish", follow_redirects=True)
    page = reply.get_data(as_text=True)
    assert "You passed The basics" in page
    assert "CANARY-REASON-1" in page
    manager = world.client("manager")
    table = manager.get("/team").get_data(as_text=True)
    assert "Tess Trainee" in table
    assert "Ellis Elsewhere" not in table
    assert ">12 Mar 2029</time>" in table
    person = manager.get(f"/team/{world.ids['trainee']}").get_data(as_text=True)
    assert "A pass holds for 24 months, until 12 Mar 2029" in person
    assert world.client("other_manager").get(f"/team/{world.ids['trainee']}").status_code == 404
