import { liveInstances } from '../../../bin/local/instances.ts';
import { runsFolder } from '../../../bin/local/places.ts';
import { killProcess, running } from '../../../bin/local/processes.ts';

/** Ends the processes of one function on the local cloud at that endpoint, as if their machine had gone; says how many. */
export function killWorkers(endpoint: string, functionName: string): number {
  const instance = liveInstances().find((each) => each.endpoint === endpoint);
  if (!instance) throw new Error(`${endpoint} is no local cloud of this checkout: its workers cannot be ended`);
  const worker = `${runsFolder}/${instance.name}/tmp/ministack-lambda-${functionName}-`;
  const workers = running().filter(({ command }) => command.includes(worker));
  for (const { pid } of workers) killProcess(pid);
  return workers.length;
}
