import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { readTokenFile } from './file.ts';

const read = (text: string) => [...readTokenFile('t.csv', text, silentLog)];

test('a token file – of several forms – names its users', () => {
  const text = 'a,jane,1\r\n\nb,"joe ""x""",2,"dev,ops"\n,none,3\nc,eve,4,one\na,new,5';
  assert.deepEqual(read(text), [
    ['a', { name: 'new', uid: '5', groups: [] }],
    ['b', { name: 'joe "x"', uid: '2', groups: ['dev', 'ops'] }],
    ['c', { name: 'eve', uid: '4', groups: ['one'] }],
  ]);
  assert.deepEqual(read(''), []);
});

for (const [text, message] of [
  ['a,b', "token file 't.csv' must have at least 3 columns (token, user name, user uid), found 2"],
  ['a,"b,c', "token file 't.csv' has a bare or unclosed \""],
  ['a,b"c,d', "token file 't.csv' has a bare or unclosed \""],
] as const) {
  test(`a token file – ${text} – is refused`, () => assert.throws(() => read(text), { message }));
}
