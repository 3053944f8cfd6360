import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cleanPath, decodePath, encodePath, encodeQuery, readQuery } from './url-path.ts';

describe('decodePath – an escaped path – is decoded once and as a whole', () => {
  const cases: [string, string | undefined][] = [
    ['/api/v1/pods', '/api/v1/pods'],
    ['/%61pi/v1%2Fpods', '/api/v1/pods'],
    ['/a/%252e%252e/b', '/a/%2e%2e/b'],
    ['/a/%2e%2E%5cb', '/a/..\\b'],
    ['/gr%C3%BC%C3%9Fe', '/grüße'],
    ['/a%ffb', '/a\u{fffd}b'],
    ['/%fFé%C3%bc%4a%5B%39', '/\u{fffd}éüJ[9'],
    ['/a%', undefined],
    ['/a%2', undefined],
    ['/a%zz', undefined],
  ];
  for (const [escaped, path] of cases) {
    test(escaped, () => {
      assert.equal(decodePath(escaped), path);
    });
  }
});

describe('encodePath – any path – is decoded to the same path', () => {
  test('the path of a URL', () => {
    assert.equal(
      encodePath('/api/v1/pods/https:web:8443/a,b;c=d@e&f+g$'),
      '/api/v1/pods/https:web:8443/a,b;c=d@e&f+g$',
    );
    assert.equal(encodePath("/a b/%?#!'()*\r\n"), '/a%20b/%25%3F%23%21%27%28%29%2A%0D%0A');
  });
  for (const path of ['/grüße/😀', '/a%2Fb\\', '/\u0000"<>^`{|}']) {
    test(path, () => {
      assert.equal(decodePath(encodePath(path)), path);
    });
  }
});

describe('cleanPath – dot segments and empty segments – are removed, never above the root', () => {
  const cases: [string, string][] = [
    ['', '/'],
    ['/', '/'],
    ['/a//b/./c', '/a/b/c'],
    ['/a/../b/', '/b/'],
    ['/../../exec', '/exec'],
    ['/a/..', '/'],
    ['/a/b/../', '/a/'],
    ['/.../..a', '/.../..a'],
  ];
  for (const [path, cleaned] of cases) {
    test(path, () => {
      assert.equal(cleanPath(path), cleaned);
    });
  }
});

test('readQuery – pairs that Go rejects – are left out', () => {
  assert.equal(readQuery('a=1&watch=1;b=2&c=%zz&d=%20&e').toString(), 'a=1&d=+&e=');
});

describe('readQuery – any query – is read as by Go', () => {
  const cases: [string, [string, string][]][] = [
    ['', []],
    ['&&a', [['a', '']]],
    ['?a=1', [['?a', '1']]],
    [
      'a=b=c&=d&=',
      [
        ['a', 'b=c'],
        ['', 'd'],
        ['', ''],
      ],
    ],
    ['%61+b=%2B+%26', [['a b', '+ &']]],
    ['a=%ff', [['a', '\u{fffd}']]],
    ['a=1;b=2&%zz=1&c=%', []],
    [
      '__proto__=1&a=1&a=2',
      [
        ['__proto__', '1'],
        ['a', '1'],
        ['a', '2'],
      ],
    ],
  ];
  for (const [text, pairs] of cases) {
    test(text, () => {
      assert.deepEqual([...readQuery(text)], pairs);
    });
  }
});

describe('readQuery – more than ten thousand pairs – none is read', () => {
  test('as many as allowed', () => {
    assert.equal(readQuery(`${'&'.repeat(9_999)}watch=1`).get('watch'), '1');
  });
  for (const pair of ['&', 'a&', '%41&', 'a=b&']) {
    test(pair, () => {
      assert.equal(readQuery(`${pair.repeat(10_000)}watch=1`).size, 0);
    });
  }
});

test('a query – encoded – is in the order of its names, with what Go escapes escaped', () => {
  assert.equal(encodeQuery(readQuery('b=2&a=x+y&a=%2A~%2F&c')), 'a=x+y&a=%2A~%2F&b=2&c=');
});
