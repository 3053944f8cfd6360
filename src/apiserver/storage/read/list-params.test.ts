/** The options of lists, watches and deletions of many, judged as upstream's ValidateListOptions judges them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyText } from '#client/transport/body.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { answerOf, upstreamTable } from '#testing/upstream-table.ts';
import { readListParams } from './list-params.ts';

const table = upstreamTable<[query: string, answer: string]>('list-options.jsonl');

/** Whether a watch begins with objects, empty where that is not said; or why the options are refused. */
function judge(query: string): unknown {
  return answerOf(() => String(readListParams(new URLSearchParams(query)).sendInitialEvents ?? ''));
}

test('list options – every combination of 7 parameters – are taken or refused as upstream does', () => {
  assert.equal(table.length, 576);
  for (const [query, answer] of table) assert.equal(judge(query), answer, query);
});

test('the options of a list, a watch and a deletion of many – refused – are a 422 of the same words', async () => {
  await using server = await startTestServer();
  const messageOf = async (method: string, query: string) => {
    const path = `/api/v1/namespaces/default/configmaps?${query}`;
    const answer = await server.transport.request({ method, path, headers: {} });
    return `${answer.status} ${JSON.parse(await bodyText(answer)).message}`;
  };
  const why = (text: string) => `422 ListOptions.meta.k8s.io "" is invalid: ${text}`;
  const needsVersion =
    'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided';
  const needsMatch =
    'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
  for (const method of ['GET', 'DELETE']) {
    assert.equal(await messageOf(method, 'resourceVersionMatch=Exact'), why(needsVersion));
    assert.equal(await messageOf(method, 'watch=true&sendInitialEvents=true'), why(needsMatch));
  }
});

test('a list with a continue token – and a version – names the token first, then the version', async () => {
  await using server = await startTestServer();
  const messageOf = async (query: string) => {
    const path = `/api/v1/configmaps?${query}`;
    const answer = await server.transport.request({ method: 'GET', path, headers: {} });
    return `${answer.status} ${JSON.parse(await bodyText(answer)).message}`;
  };
  const token = Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"a"}').toString('base64url');
  assert.match(await messageOf('continue=%21&resourceVersion=x'), /^400 invalid continue token: /);
  const twice = '400 specifying resource version is not allowed when using continue';
  assert.equal(await messageOf(`continue=${token}&resourceVersion=x`), twice);
  assert.equal(await messageOf(`continue=${token}&resourceVersion=00`), twice);
});
