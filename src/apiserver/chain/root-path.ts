/**
 * RequestInfo, and so authorization, passes over slashes in front of the path; upstream serves nothing there.
 */

import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { Stage } from './stage.ts';

export const rootPath: Stage = {
  name: 'root-path',
  isInstant: true,
  enter({ info }) {
    if (info.path.startsWith('//')) throw new NoSuchPage();
  },
};
