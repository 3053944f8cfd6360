/** The identity service: who the driver is, and what it can do at all. */

import type { Handlers } from '../protocol/service.ts';

export const driverName = 'folders.csi.example.com';
export const driverVersion = '0.1.0';

export const identity: Handlers = {
  GetPluginInfo: () => ({ name: driverName, vendorVersion: driverVersion }),
  GetPluginCapabilities: () => ({
    capabilities: ['CONTROLLER_SERVICE', 'VOLUME_ACCESSIBILITY_CONSTRAINTS'].map((type) => ({
      service: { type },
    })),
  }),
  Probe: () => ({ ready: { value: true } }),
};
