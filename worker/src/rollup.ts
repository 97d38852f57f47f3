/** Counts what reports tell, once a day: what is read of the statistics is made here. */

import { USAGE } from "./kinds";
import { open, over } from "./periods";
import { statistics } from "./statistics";
import { count, counted, replace, state, type Month, type Period } from "./store/statistics";

/**
 * Counts all periods that go on anew, and each month that is over once.
 *
 * Nothing is added to what was counted before, so that a run may come twice, late or
 * after one that failed; and who has been forgotten does not count any more.
 *
 * @param due - when the run was due
 * @param since - what was received before is not kept
 * @throws Error - if D1 fails; what is not done is published as it was then
 */
export async function rollUp(db: D1Database, due: Date, since: Date): Promise<void> {
  const done = over(due, since, await state(db, USAGE));
  // The last month rides along. Others are there after weeks without a run, and each
  // takes long: once it is done it is done.
  await publish(db, due, open(due, since), done.slice(-1));
  for (const month of done.slice(0, -1)) {
    await publish(db, due, [], [month]);
  }
}

async function publish(
  db: D1Database,
  due: Date,
  going: readonly Period[],
  done: readonly Month[],
): Promise<void> {
  await count(db, USAGE, going, done);
  const publications = [];
  for (const { name, from, until } of [...going, ...done]) {
    const end = until === null || until > due ? due : until;
    publications.push({
      period: name,
      asOf: due.toISOString(),
      body: JSON.stringify({
        from: from.toISOString(),
        until: end.toISOString(),
        ...statistics(USAGE.published, await counted(db, name)),
      }),
    });
  }
  await replace(db, publications);
  console.log(
    `${USAGE.latest}: counted for ${publications.map(({ period }) => period).join(", ")}`,
  );
}
