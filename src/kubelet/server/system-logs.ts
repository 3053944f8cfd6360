/**
 * `/logs/`: the files of the machine's log folder, read-only, as Go's file server shows them; nothing outside
 * the folder.
 */

import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { encodePath } from '#base/net/url-path.ts';
import { withoutEnding } from '#base/text/without-ending.ts';
import { LeadsOutError, openExisting, openedPath } from '#host/files/inside.ts';
import { contentTypeOf, sniffedBytes } from './content-type.ts';
import { Refusal } from './refusal.ts';
import type { RouteCall } from './routes.ts';

const indexPage = 'index.html';

/**
 * `names.path` is what follows `/logs/`. Without a folder there are no system logs, as where upstream's
 * handler is off.
 */
export async function sendSystemLog(folder: string | undefined, call: RouteCall): Promise<void> {
  if (folder === undefined) throw new Refusal(405, 'logs endpoint is disabled.\n');
  const { names, response } = call;
  const path = names['path'] ?? '';
  if (path === indexPage || path.endsWith(`/${indexPage}`)) return redirect(call, './');
  await using named = await openNamed(folder, withoutEnding(path, '/'));
  const stats = await named.stat();
  const isNamedAsDirectory = path === '' || path.endsWith('/');
  const base = path.split('/').findLast((segment) => segment !== '') ?? '';
  if (stats.isDirectory()) {
    if (!isNamedAsDirectory) return redirect(call, `${base}/`);
    return await sendDirectory(folder, path, named, stats, response);
  }
  if (!stats.isFile()) throw new Refusal(403, '403 Forbidden\n');
  if (isNamedAsDirectory) return redirect(call, `../${base}`);
  await sendFile(base, named, response);
}

/** Relative: the caller may see the folder under another path, behind the API server's proxy. */
function redirect({ target: { query }, response }: RouteCall, to: string): void {
  const location = encodePath(to) + (query.size > 0 ? `?${query}` : '');
  response.writeHead(301, { location }).end();
}

async function openNamed(folder: string, path: string): Promise<FileHandle> {
  try {
    return await openExisting(folder, path);
  } catch (error) {
    throw refusalFor(error);
  }
}

function refusalFor(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new Refusal(404, '404 page not found\n');
  const isForbidden = code === 'EACCES' || code === 'EPERM' || error instanceof LeadsOutError;
  return isForbidden ? new Refusal(403, '403 Forbidden\n') : error;
}

async function sendDirectory(
  folder: string,
  path: string,
  named: FileHandle,
  { mtime }: Stats,
  response: ServerResponse,
): Promise<void> {
  const index = await openExisting(folder, path + indexPage).catch(() => undefined);
  if (index) {
    await using found = index;
    if ((await found.stat()).isFile()) return await sendFile(indexPage, found, response);
  }
  const entries = await readdir(openedPath(named), { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  const lines = names.sort(byBytes).map((name) => `<a href="${linkTo(name)}">${escapeHtml(name)}</a>\n`);
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'last-modified': mtime.toUTCString(),
  });
  const head = '<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n';
  response.end(`${head}${lines.join('')}</pre>\n`);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** A colon in the first segment would make it a URL's scheme. */
function linkTo(name: string): string {
  return (name.includes(':') ? './' : '') + encodePath(name);
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => htmlEscapes[character]!);
}

/** As long as the file was when it was opened: what is appended meanwhile belongs to the next request. */
async function sendFile(name: string, named: FileHandle, response: ServerResponse): Promise<void> {
  await using file = await open(openedPath(named), constants.O_RDONLY).catch((error) => {
    throw refusalFor(error);
  });
  const { size, mtime } = await file.stat();
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
  response.writeHead(200, {
    'content-type': contentTypeOf(name, buffer.subarray(0, bytesRead)),
    'content-length': size,
    'last-modified': mtime.toUTCString(),
  });
  if (size === 0) return void response.end();
  const content = file.createReadStream({ start: 0, end: size - 1, autoClose: false });
  await pipeline(content, (chunks) => whole(chunks, size), response);
}

/** Fails, and with it the response, when the file was cut off meanwhile. */
async function* whole(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of chunks) {
    left -= chunk.length;
    yield chunk;
  }
  if (left > 0) throw new Error(`${left} bytes less than before`);
}
