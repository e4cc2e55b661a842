import { liveInstances } from '../../../bin/local/instances.ts';
import { runsFolder } from '../../../bin/local/places.ts';
import { killProcess, running } from '../../../bin/local/processes.ts';

/** Where the functions of the local cloud at that endpoint put their files. */
function tmpOf(endpoint: string): string {
  const instance = liveInstances().find((each) => each.endpoint === endpoint);
  if (!instance) throw new Error(`${endpoint} is no local cloud of this checkout: its workers cannot be ended`);
  return `${runsFolder}/${instance.name}/tmp/`;
}

/** Whether a process runs something of that name out of a function's files. */
export const runsInside = (endpoint: string, file: string): boolean =>
  running().some(({ command }) => command.includes(tmpOf(endpoint)) && command.includes(file));

/** Ends the processes of one function on the local cloud at that endpoint, as if their machine had gone; says how many. */
export function killWorkers(endpoint: string, functionName: string): number {
  const worker = `${tmpOf(endpoint)}ministack-lambda-${functionName}-`;
  const workers = running().filter(({ command }) => command.includes(worker));
  for (const { pid } of workers) killProcess(pid);
  return workers.length;
}
