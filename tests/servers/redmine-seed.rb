# Fills an empty Redmine with what the tests in tests/real/redmine.rs assert on. Run by tests/run:
#
#   REDMINE_INSTANCE=… bundle exec rails runner tests/servers/redmine-seed.rb
#
# Times are relative to now, because what is incremental needs a past that lies in the past.
# Keys of the API are fixed and known: this server listens on loopback only and lives as long as the run.

KEYS = {
  "anne" => "a" * 40, # manager
  "bonny" => "b" * 40, # developer
  "mary" => "c" * 40, # reporter
  "lookout" => "d" * 40, # the account of the dashboard
  "edward" => "e" * 40, # locked
  "admin" => "f" * 40,
}.freeze

NOW = Time.now.utc.change(usec: 0)

# Mails are never sent, callbacks that would queue them are not needed.
ActionMailer::Base.perform_deliveries = false
User.current = User.find_by!(login: "admin")
Redmine::DefaultData::Loader.load("en")
Setting.rest_api_enabled = "1"
Setting.login_required = "0" # so a wrong key is answered with the public data, as on most servers
Setting.text_formatting = "textile"
Setting.notified_events = []
Setting.issue_group_assignment = "1"

def person(login, first, last, **more)
  user = User.new(firstname: first, lastname: last, mail: "#{login}@example.org", language: "en", **more)
  user.login = login
  user.password = user.password_confirmation = "only-on-loopback-#{login}"
  user.mail_notification = "none"
  user.save!
  user
end

anne = person("anne", "Anne", "Bonny")
bonny = person("bonny", "Bonny", "Teach")
mary = person("mary", "Mary", "Read")
lookout = person("lookout", "Look", "Out")
edward = person("edward", "Edward", "Low")
admin = User.find_by!(login: "admin")
KEYS.each do |login, key|
  token = Token.create!(user: User.find_by!(login: login), action: "api")
  token.update_columns(value: key) # a new token makes up its own value
end
# Newest journals first: the order of the answer follows the reader's wish.
lookout.pref[:comments_sorting] = "desc"
lookout.pref.save!

crew = Group.create!(lastname: "Watch below")
crew.users << bonny

manager = Role.find_by!(name: "Manager")
developer = Role.find_by!(name: "Developer")
reporter = Role.find_by!(name: "Reporter")
manager.add_permission!(:view_private_notes, :set_notes_private, :set_issues_private)
reader = Role.create!(
  name: "Look-out",
  issues_visibility: "all",
  permissions: %i[view_issues view_private_notes view_time_entries view_files]
)

trackers = Tracker.sorted.to_a
def project(name, identifier, trackers, **more)
  made = Project.new(name: name, **more)
  made.identifier = identifier
  made.trackers = trackers
  made.enabled_module_names = %w[issue_tracking files time_tracking]
  made.save!
  made
end

infra = project("Infrastructure", "infrastructure", trackers, is_public: true)
council = project("Council", "council", trackers, is_public: false)
old_wiki = project("Old wiki", "old-wiki", trackers, is_public: true)
attic = project("Attic", "attic", trackers, is_public: true)

member = ->(in_project, who, *roles) { Member.create!(project: in_project, principal: who, roles: roles) }
[infra, council, old_wiki, attic].each do |each_project|
  member.(each_project, anne, manager)
  member.(each_project, lookout, reader)
end
member.(infra, bonny, developer)
member.(infra, mary, reporter)
member.(infra, edward, developer)
member.(infra, crew, developer)

host = IssueCustomField.create!(
  name: "Host", field_format: "string", is_for_all: true, is_filter: true, visible: true, trackers: trackers
)
affected = IssueCustomField.create!(
  name: "Affected", field_format: "list", multiple: true, possible_values: %w[smtp dns web],
  is_for_all: true, visible: true, trackers: trackers
)

bug, feature, support = trackers
open_statuses = IssueStatus.sorted.reject(&:is_closed)
closed = IssueStatus.find_by!(name: "Closed")
in_progress = IssueStatus.find_by!(name: "In Progress")
fresh = IssueStatus.find_by!(name: "New")
priorities = IssuePriority.active.sorted.to_a
normal = IssuePriority.find_by!(name: "Normal")

# Saved as the model saves it, then moved into the past: hours counts back from now.
def ticket(hours, **attributes)
  issue = Issue.new(**attributes)
  issue.notify = false
  issue.save!
  past(issue, hours)
  issue
end

def past(issue, hours, created: hours)
  issue.update_columns(created_on: NOW - (created * 3600), updated_on: NOW - (hours * 3600))
end

common = { priority: normal, author: anne, tracker: bug, status: fresh }

# 1: with a history. Written by several hands, one of them in private.
told = ticket(400, project: infra, subject: "Disk sdb of pikachu is failing",
                   description: "SMART says:\n\n<pre>\nReallocated_Sector_Ct 412\n</pre>", **common)
def note(issue, by, at, text, private_note: false, **changes)
  issue = Issue.find(issue.id) # an issue in memory holds on to its last journal
  User.current = by
  journal = issue.init_journal(by, text)
  journal.private_notes = private_note
  journal.notify = false
  issue.attributes = changes
  issue.save!
  issue.journals.reorder(:id).last.update_columns(created_on: at)
  past(issue, (NOW - at) / 3600, created: 400)
  User.current = User.find_by!(login: "admin")
end
note(told, anne, NOW - (72 * 3600), "", status: in_progress, assigned_to: bonny, done_ratio: 30)
note(told, bonny, NOW - (48 * 3600), "New disk is *ordered*,\nsee \"the shop\":https://shop.example.org/42")
note(told, anne, NOW - (24 * 3600), "The invoice goes to Edward.", private_note: true)

# 2: hostile. What the API lets through, see the sheet; written as the model takes it.
hostile = ticket(90, project: infra, **common,
                     subject: "\e[31mred\e]0;title\a \u202Egnp.exe\u2066 two\nlines \u009B2J \u200Bend",
                     description: "\e[2J\e]52;c;ZXZpbA==\a\u202Edlrow")
note(hostile, anne, NOW - (89 * 3600), "\e[8mhidden\e[0m\r\nsecond line\u0085\u2028third")

# 3 and 4: honest writing in other scripts.
ticket(88, project: infra, subject: "ディスクがいっぱいです", **common)
ticket(87, project: infra, subject: "القرص ممتلئ على الخادم", **common)

# 5: late, with custom fields.
late = ticket(86, project: infra, subject: "Renew the certificate of lists.example.org", **common,
                  due_date: (NOW - (10 * 86_400)).to_date, start_date: (NOW - (30 * 86_400)).to_date,
                  custom_field_values: { host.id.to_s => "mail-01", affected.id.to_s => %w[smtp web] })

# 6 and 7: parent and child; the child is assigned to a group and private.
parent = ticket(85, project: infra, subject: "Move to the new rack", **common)
child = ticket(84, project: infra, subject: "Label the cables", **common, assigned_to: crew,
                   is_private: true, parent_issue_id: parent.id)
past(parent, 85)
past(child, 84)

# 8: with an attachment, related to 5.
with_file = ticket(83, project: infra, subject: "Log of the outage", **common)
file = Attachment.new(file: "SMART overall-health: FAILED\n", author: anne, filename: "smart.txt",
                      content_type: "text/plain", container: with_file)
file.save!
IssueRelation.create!(issue_from: with_file, issue_to: late, relation_type: "relates")
past(with_file, 83)
past(late, 86)

# The rest fills pages: 102 in Infrastructure, 20 in Council, 8 in the closed project, 3 in the archived one.
fill = lambda do |in_project, count, first_hour|
  count.times do |n|
    ticket(first_hour + n, project: in_project, author: [anne, mary, bonny][n % 3],
                           tracker: [bug, feature, support][n % 3], priority: priorities[n % priorities.size],
                           status: (n % 5) == 4 ? closed : open_statuses[n % open_statuses.size],
                           subject: "#{in_project.name} chore #{n + 1}", done_ratio: (n % 11) * 10)
  end
end
fill.(infra, 102, 500)
fill.(council, 20, 700)
fill.(old_wiki, 8, 800)
fill.(attic, 3, 900)

# 9: what the account of the dashboard has to do with: a group of its own has #10, it watches #11, a query finds #5,
# and #1 has taken time.
night = Group.create!(lastname: "Night watch")
night.users << lookout
Issue.find(10).update_columns(assigned_to_id: night.id, status_id: fresh.id)
Issue.find(11).update_columns(status_id: fresh.id)
Watcher.create!(watchable: Issue.find(11), user: lookout)
IssueQuery.create!(
  name: "Late ones", user: admin, visibility: Query::VISIBILITY_PUBLIC, project: nil,
  filters: { "status_id" => { operator: "o", values: [""] }, "due_date" => { operator: "<t-", values: ["1"] } }
)
TimeEntry.create!(
  project: infra, issue: told, user: bonny, author: bonny, hours: 2.5, spent_on: NOW.to_date,
  activity: TimeEntryActivity.active.first
)
# A German one: three languages write tickets here.
Issue.find(12).update_columns(subject: "Zertifikat für die Prüfstelle läuft ab")

edward.lock!
# Fresh from the database: closing goes by the tree's left and right numbers, which later projects move.
Project.find(old_wiki.id).close
raise "cannot archive" unless Project.find(attic.id).archive

# A query of all that the tests count on, so that a change here fails here.
expected = { issues: 141, projects: 4 }
found = { issues: Issue.count, projects: Project.count }
raise "seeded #{found}, not #{expected}" unless found == expected
warn "seeded #{found} by #{admin.login}"
