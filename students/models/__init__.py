from .access import StudentAccess
from .family import FamilyLink, FamilyMember
from .student import Absence, Student

__all__ = ["Absence", "FamilyLink", "FamilyMember", "Student", "StudentAccess"]
