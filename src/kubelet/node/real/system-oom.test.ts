import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Env } from '#base/env.ts';
import { silentLog } from '#base/log.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { watchSystemOom } from './system-oom.ts';

const start = 'tail invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=1000';
const killed = (name: string, pid: number) =>
  `Out of memory: Killed process ${pid} (${name}) total-vm:1234kB, anon-rss:999kB, UID:0 oom_score_adj:1000`;
const ofMachine =
  'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user,task=tail,pid=7,uid=0';
const ofGroup =
  'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/kybern-a/kubepods/pod1,task_memcg=/kybern-a/kubepods/pod1/c,task=tail,pid=7,uid=0';
const text = (name: string, pid: number) => `System OOM encountered, victim process: ${name}, pid: ${pid}`;

const table: [what: string, messages: string[], recorded: string[]][] = [
  ['of the machine', [start, 'Mem-Info:', ofMachine, killed('tail', 7)], [text('tail', 7)]],
  ['of the machine, on an old kernel', [start, killed('stress (1)', 8)], [text('stress (1)', 8)]],
  ['of a control group', [start, ofGroup, killed('tail', 7)], []],
  [
    'of a control group, on an old kernel',
    [start, 'Task in /pods/c killed as a result of limit of /pods', killed('tail', 7)],
    [],
  ],
  ['one after the other', [start, ofGroup, killed('a', 1), start, ofMachine, killed('b', 2)], [text('b', 2)]],
  ['a victim without its beginning', [killed('tail', 7)], []],
];

for (const [what, messages, recorded] of table) {
  test(`out of memory – ${what} – is the event SystemOOM: ${recorded.join() || 'no'}`, async () => {
    const clock = new VirtualClock();
    const events: string[] = [];
    // Half of them in one look, the rest in the next.
    const looks = [messages.slice(0, 2), messages.slice(2)];
    const stop = watchSystemOom({
      env: { clock, log: silentLog } as unknown as Env,
      events: {
        event: (node, type, reason, message) => {
          assert.deepEqual(
            [node, type, reason],
            [{ kind: 'Node', name: 'n', uid: 'n' }, 'Warning', 'SystemOOM'],
          );
          events.push(message);
        },
        flushed: async () => undefined,
      },
      nodeName: 'n',
      messages: async () => looks.shift() ?? [],
    });
    await clock.advance(10_000);
    stop();
    assert.deepEqual(events, recorded);
  });
}
