import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsIn } from './faults.ts';

const owner = { metadata: { name: 'bad' } };
const config = { ownerOf: (line: number, file?: string) => (line === (file ? 1 : 7) ? owner : undefined) };

test('a complaint – about a line of an object – names the object once', () => {
  const complaint =
    "[NOTICE]   (1) : haproxy version is 2.6\n[ALERT]    (1) : config : parsing [haproxy.cfg:7] : error in 'a'\n" +
    '[ALERT]    (1) : config : parsing [haproxy.cfg:7] : error again\n[ALERT] (1) : config : Fatal errors found';
  assert.deepEqual(faultsIn(complaint, config), [{ owner, message: "error in 'a'" }]);
});

test('a complaint – about a line that no object asks for – names none', () => {
  assert.deepEqual(faultsIn('[ALERT]    (1) : config : parsing [haproxy.cfg:8] : x', config), []);
});

test('a complaint – about an expression in a map – names the object of the line there', () => {
  const place =
    "rule : invalid args in converter 'map_reg' : regex '^/(' is invalid (error=missing) at line 1 of file 'a.regexes'.";
  const message = "regex '^/(' is invalid (error=missing)";
  assert.deepEqual(faultsIn(`[ALERT] (1) : config : parsing [haproxy.cfg:9] : ${place}`, config), [
    { owner, message },
  ]);
});
