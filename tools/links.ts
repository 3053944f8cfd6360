/**
 * The targets of a Markdown page: links to files and headings, and paths of this repository in backquotes.
 */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** The folders whose paths are recognised in backquotes. */
const folders = ['src', 'test', 'tools', 'bench', 'bin', 'docs', 'examples'];

/** Every page: those of the root and all below these folders, relative to `root`. */
export function pagesOf(root: string): string[] {
  return globSync(['*.md', 'docs/**/*.md', 'src/**/*.md', 'test/**/*.md', 'examples/**/*.md'], {
    cwd: root,
  }).toSorted();
}

/** One message for each missing target, with the page and its line. Links to other hosts are not followed. */
export function brokenLinks(root: string, page: string): string[] {
  const text = withoutFences(readFileSync(`${root}/${page}`, 'utf8'));
  return text.split('\n').flatMap((line, index) => {
    const wrong = [...linksOf(line), ...pathsOf(line)].filter((target) => !isThere(root, page, target));
    return wrong.map((target) => `${page}:${index + 1}: ${target} does not exist`);
  });
}

function linksOf(line: string): string[] {
  const targets = [...line.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** As links from the root: `/src/store/store.ts`. A pattern (`src/*.ts`) exists when a file matches. */
function pathsOf(line: string): string[] {
  const quoted = [...line.matchAll(/`([^`\s]+)`/g)].map((match) => match[1]!);
  return quoted
    .filter((text) => folders.includes(text.split('/')[0]!) && text.includes('/') && !/[<{…$]/.test(text))
    .map((text) => `/${text.replace(/:\d+$/, '')}`);
}

function isThere(root: string, page: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const file = path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(page), path);
  const whole = path === '' ? page : file;
  if (whole.includes('*')) return globSync(whole, { cwd: root }).length > 0;
  if (!existsSync(`${root}/${whole}`)) return false;
  return !heading || headingsOf(readFileSync(`${root}/${whole}`, 'utf8')).has(heading);
}

/** As GitHub spells their anchors. */
function headingsOf(text: string): Set<string> {
  const titles = [...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!);
  return new Set(titles.map(anchorOf));
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

/** Lines in fences are emptied, so that line numbers stay. */
function withoutFences(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, (fence) => fence.replaceAll(/[^\n]/g, ''));
}
