// The customers of a release, in one process: agents with and without a busy connection, the targets and the browsers.
import { ApiClient } from '@culvert/local';
import { Busy } from '../../test/support/deploy/busy.ts';
import { Crowd } from '../../test/support/deploy/crowd.ts';
import { serveJobs } from './registry-jobs.ts';
import type { CustomersCount, CustomersJob, CustomersSetup } from './release-protocol.ts';

const HOST = 'app.internal';
const setup = JSON.parse(process.argv[2] ?? '') as CustomersSetup;
const crowd = new Crowd({
  ...{ api: new ApiClient(setup.api, setup.key), key: setup.key },
  ...{ allow: [HOST], hosts: { [HOST]: '127.0.0.1' } },
});
let busy: Busy | undefined;
let before = { opened: 0, accepted: 0, cpu: 0 };

function accepted(): { opened: number; accepted: number; cpu: number } {
  const { user, system } = process.cpuUsage();
  return { opened: busy?.tally().opened ?? 0, accepted: busy?.accepted ?? 0, cpu: (user + system) / 1e6 };
}

async function run(job: CustomersJob): Promise<CustomersCount | undefined> {
  switch (job.kind) {
    case 'open':
      await crowd.open(job.idle + job.busy);
      busy = await Busy.start(crowd.members.slice(0, job.busy), HOST, setup.gateways);
      return undefined;
    case 'watch':
      crowd.forget();
      busy?.watch();
      before = accepted();
      return undefined;
    case 'count': {
      await busy?.passed();
      const now = accepted();
      const { lost, wrongBytes, refused, gapsMs, connections } = busy?.tally() ?? {
        ...{ lost: [], wrongBytes: 0, refused: {}, gapsMs: [], connections: 0 },
      };
      return {
        sessions: crowd.members.length,
        connections,
        lost: lost.length,
        wrongBytes,
        refused: Object.values(refused).reduce((sum, count) => sum + count, 0),
        reconnects: now.accepted - before.accepted - (now.opened - before.opened),
        links: crowd.members.reduce((sum, member) => sum + crowd.linksOf(member).length, 0),
        gapsMs,
        cpu: now.cpu - before.cpu,
      };
    }
  }
}

serveJobs(run);
