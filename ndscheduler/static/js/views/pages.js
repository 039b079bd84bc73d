// The page views by the names that router.js gives them.

import { AboutPage } from "./about_page.js";
import { AuditLogPage } from "./audit_log_page.js";
import { ExecutionPage } from "./execution_page.js";
import { ExecutionsPage } from "./executions_page.js";
import { InstancesPage } from "./instances_page.js";
import { JobFormPage } from "./job_form_page.js";
import { JobPage } from "./job_page.js";
import { JobsPage } from "./jobs_page.js";
import { NotFoundPage } from "./not_found_page.js";
import { OverviewPage } from "./overview_page.js";
import { PasswordPage } from "./password_page.js";
import { TokensPage } from "./tokens_page.js";
import { UsersPage } from "./users_page.js";

export const PAGES = {
  about: AboutPage,
  auditLog: AuditLogPage,
  execution: ExecutionPage,
  executions: ExecutionsPage,
  instances: InstancesPage,
  job: JobPage,
  jobForm: JobFormPage,
  jobs: JobsPage,
  notFound: NotFoundPage,
  overview: OverviewPage,
  password: PasswordPage,
  tokens: TokensPage,
  users: UsersPage,
};
