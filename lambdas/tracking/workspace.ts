import type { Key, Table } from '../shared/table.ts';
import { WORKSPACE_NAME } from '../shared/workspace-name.ts';
import { TrackingErrors } from './errors.ts';

/** Workspaces stand above the table's partitions, each of which begins with one. */
const PARTITION = 'workspaces';
const keyOf = (workspace: string): Key => ({ pk: PARTITION, sk: workspace });

/** @throws RequestInvalid */
export function checkWorkspaceName(workspace: string): void {
  if (WORKSPACE_NAME.test(workspace)) return;
  throw TrackingErrors.RequestInvalid(
    `workspace: got ${JSON.stringify(workspace.slice(0, 80))}, a workspace is 1 to 63 lower-case letters, digits and hyphens`,
  );
}

export interface WorkspaceFact {
  workspace: string;
  /** ISO 8601, UTC. */
  createdAt: string;
}

/** Makes a workspace, or finds it made. */
export async function createWorkspace(table: Table, fact: WorkspaceFact): Promise<WorkspaceFact> {
  const found = await table.get(keyOf(fact.workspace));
  if (found) return { workspace: fact.workspace, createdAt: String(found['createdAt']) };
  await table.transact([{ put: { ...keyOf(fact.workspace), createdAt: fact.createdAt } }]);
  return fact;
}

export async function listWorkspaces(table: Table): Promise<WorkspaceFact[]> {
  const items = await table.query(PARTITION);
  return items.map((item) => ({ workspace: item.sk, createdAt: String(item['createdAt']) }));
}

/**
 * Refuses a workspace that nobody made, where they do not appear on first use; `default` is always there. A known one
 * is remembered: workspaces do not go.
 */
export function workspaceCheck(table: Table, isOpen: boolean): (workspace: string) => Promise<void> {
  const known = new Set(['default']);
  return async (workspace) => {
    if (isOpen || known.has(workspace)) return;
    if (!(await table.get(keyOf(workspace)))) {
      throw TrackingErrors.WorkspaceMissing(`Workspace '${workspace}' does not exist`);
    }
    known.add(workspace);
  };
}
