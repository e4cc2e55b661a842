import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';

/**
 * States exactly what a function may do. The construct library's `grant*` methods gave 26 action patterns where 9
 * were used, 8 of them wildcards (docs/decisions), so the platform has this one way instead.
 */
export function allow(to: { readonly role: Role }, actions: readonly string[], ...resources: string[]): void {
  const wildcard = actions.find((action) => action.includes('*'));
  if (wildcard) throw new Error(`actions: got ${wildcard}, a permission names its action in full`);
  to.role.addToPolicy(new PolicyStatement({ actions: [...actions], resources }));
}

/** The actions that the table port needs: item reads, queries, and the parts of a transaction. */
export const TABLE_READ = ['dynamodb:GetItem', 'dynamodb:Query'] as const;
export const TABLE_WRITE = ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'] as const;
